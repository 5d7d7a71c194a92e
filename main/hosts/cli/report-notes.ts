import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Parsed, textFlag, UsageError } from "./command.ts";

/** What the person has to say in a report: `--notes TEXT` or `--notes-file FILE`. */
export async function notesOf(parsed: Parsed): Promise<string> {
  const file = textFlag(parsed, "notes-file");
  if (file === "") return textFlag(parsed, "notes");
  try {
    return await readFile(resolve(file), "utf8");
  } catch (error) {
    throw new UsageError(
      `--notes-file ${file} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
