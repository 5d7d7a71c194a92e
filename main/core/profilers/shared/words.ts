import { type Stage, scratchFolder, sinceMoment } from "../profiler.ts";

/** A command as one would type it: for reading and copying, never for running. */
export function commandText(stage: Stage): string {
  const env = Object.entries(stage.env ?? {}).map(([name, value]) => `${name}=${shellWord(value)}`);
  return [...env, ...stage.argv.map(shellWord)].join(" ");
}

export const pipelineText = (stages: readonly Stage[]): string =>
  stages.map((stage) => `${commandText(stage)}${stage.gives === "stderr" ? " 2>&1" : ""}`).join(" | ");

export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Commands with the folder of the recording where it is known, and words for what only the recording tells. */
export const shownCommands = (commands: readonly string[], folder: string | null): readonly string[] =>
  commands.map((text) =>
    text
      .replaceAll(scratchFolder, folder ?? "<folder of the recording>")
      .replaceAll(sinceMoment, "<end of the piece before>"),
  );

/** The file name of a path, for telling programs apart by name. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
