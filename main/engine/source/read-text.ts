import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { normalize } from "node:path";
import { errnoOf } from "../library/disk-problem.ts";

/** Longer files are no source that anybody reads. */
const MAX_BYTES = 8 << 20;

export type ReadText =
  | { readonly text: string; readonly path: string; readonly modifiedAtMs: number }
  /** Why not, in a few words. */
  | { readonly text: null; readonly path: string; readonly why: string };

/**
 * The text of a file that a profile names. Only a regular file is read, none of the kernel's, and none that is larger than
 * sources are: a profile may name anything.
 */
export async function readText(named: string): Promise<ReadText> {
  const refused = (why: string): ReadText => ({ text: null, path: named, why });
  if (named.includes("\0") || normalize(named) !== named) return refused("is no plain path");
  let file: FileHandle | null = null;
  try {
    const path = await realpath(named);
    if (/^\/(?:proc|sys|dev)(?:\/|$)/.test(path)) return refused("is no file on a disk");
    // A pipe by that name is not waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const facts = await file.stat();
    if (!facts.isFile()) return refused("is no regular file");
    if (facts.size > MAX_BYTES) return refused(`is larger than ${MAX_BYTES >> 20} MiB`);
    const bytes = await file.readFile();
    if (bytes.includes(0)) return refused("is not text");
    return { text: bytes.toString("utf8"), path: named, modifiedAtMs: facts.mtimeMs };
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return refused("is not there");
    if (code === "EACCES" || code === "EPERM") return refused("may not be read");
    return refused(`could not be read (${code ?? String(error)})`);
  } finally {
    await file?.close();
  }
}
