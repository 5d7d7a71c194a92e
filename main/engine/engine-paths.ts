import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * native-scripts/ from a bundle in out/node, from the sources, and from a package: there it lies beside the archive,
 * not in it, because what is in an archive cannot be run.
 */
export function nativeScript(name: string): string {
  const candidates = [`../../../native-scripts/${name}`, `../../native-scripts/${name}`].map((relative) =>
    fileURLToPath(new URL(relative, import.meta.url)),
  );
  const unpacked = candidates.find((path) => !path.includes(".asar/") && existsSync(path));
  return unpacked ?? candidates[1] ?? "";
}
