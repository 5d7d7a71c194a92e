import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Files and answers of programs that are not ours: never more of them than is wanted, and never waited for. */

/** The bytes of a plain file; null for a link, a pipe, a device, and what is larger than `mostBytes`. Throws as open does. */
export async function readPlainFile(path: string, mostBytes: number): Promise<Uint8Array | null> {
  let file: FileHandle;
  try {
    file = await open(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") return null;
    throw error;
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size > mostBytes) return null;
    const bytes = new Uint8Array(facts.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The text of an answer, cut after `mostBytes`: the rest is not read. */
export async function readAnswer(answer: Response, mostBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of answer.body ?? []) {
    parts.push(part);
    total += part.length;
    if (total >= mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes).toString("utf8");
}
