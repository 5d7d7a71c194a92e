import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ProblemError, problemOf } from "#core/base/result.ts";
import type { Terminal } from "./command.ts";

/** To standard output where the path is "". */
export async function writeText(terminal: Terminal, path: string, text: string): Promise<void> {
  if (path === "") {
    terminal.out(text);
    return;
  }
  try {
    await writeFile(resolve(path), text);
  } catch (error) {
    throw new ProblemError(
      problemOf(
        "not-written",
        `${path} could not be written.`,
        "Choose another file, in a folder that is there.",
        error instanceof Error ? error.message : String(error),
      ),
    );
  }
  terminal.err(`wrote ${path}\n`);
}
