import type { Stage } from "../profiler.ts";

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

/** The file name of a path, for telling programs apart by name. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
