import manifest from "../../../package.json" with { type: "json" };

/** The version that package.json says, taken in when the command is bundled. */
export const version: string = manifest.version;
