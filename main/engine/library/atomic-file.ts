import { randomBytes } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { throwProblem } from "#core/base/result.ts";
import { errnoOf, writing } from "./disk-problem.ts";

/** Only the owner reads what was recorded: command lines and names of a process are private. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

export async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/**
 * Writes beside the target, syncs, and renames over it: a reader sees the old file or the new one, never a part,
 * also after a crash. Gives the size.
 */
export async function writeAtomically(
  target: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  mode: number = PRIVATE_FILE,
): Promise<number> {
  return writing(target, async () => {
    const path = await replaceable(target);
    const beside = join(
      dirname(path),
      `.${basename(path).slice(0, 200)}.${randomBytes(6).toString("hex")}.tmp`,
    );
    const file = await open(beside, "wx", mode);
    let sizeBytes = 0;
    try {
      try {
        for await (const chunk of chunks) {
          await writeWhole(file, chunk);
          sizeBytes += chunk.length;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
    return sizeBytes;
  });
}

/**
 * What a rename may replace: nothing yet, or a regular file, itself rather than a link to it. Renaming over a device
 * (`-o /dev/null`, as root) would destroy it.
 */
async function replaceable(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    const facts = await stat(real);
    if (facts.isFile()) return real;
    if (facts.isDirectory()) throwProblem("is-a-directory", `${path} is a folder.`, "Add a file name to it.");
    return throwProblem(
      "not-a-regular-file",
      `${path} is not a file that could be replaced.`,
      "Choose a file name, or export to standard output.",
    );
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return path;
    throw error;
  }
}

export const writeTextAtomically = (path: string, text: string): Promise<number> =>
  writeAtomically(path, [Buffer.from(text, "utf8")]);

/** Makes a rename in it survive a power cut. Some file systems refuse to sync a folder: then the rename still stands. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
