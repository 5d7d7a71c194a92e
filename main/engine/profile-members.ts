import { opendir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { isZip } from "#core/bytes/zip.ts";
import { defaultLimits, type ImportContext } from "#core/importers/importer.ts";
import {
  MAX_MEMBERS,
  profileMembers,
  recognise,
  refuseArchive,
  severalProfiles,
} from "#core/importers/index.ts";
import { type FileSource, openFileSource } from "./file-source.ts";
import { reading } from "./library/disk-problem.ts";
import { findUnpackers } from "./unpackers.ts";

/** One profile of what a path leads to. */
export interface FoundProfile {
  readonly title: string;
  /** The file that it is read from. */
  readonly path: string;
  /** Its name in that file, where the file is an archive with several; else "". */
  readonly member: string;
}

/** Folders deeper than this, and files past this many, are not looked at. */
const MAX_DEPTH = 8;
const MAX_FILES = 20_000;
/** More than anyone wants to see open at once. */
const MAX_AT_ONCE = 64;

const context = (name: string): ImportContext => ({
  signal: new AbortController().signal,
  limits: defaultLimits,
  name,
  services: { unpackers: findUnpackers() },
  progress: () => undefined,
});

/**
 * The profiles at a path: a file is one, a folder or an archive has as many as are in it. With `member` only the one
 * with that name. Throws problems with words: nothing there, no profile in it, no member of that name.
 */
export async function findProfiles(path: string, member: string): Promise<readonly FoundProfile[]> {
  const isFolder = await reading(path, async () => (await stat(path)).isDirectory());
  const found = isFolder ? await inFolder(path) : await inFile(path);
  if (found.length === 0)
    throw new ProblemError(
      problemOf(
        "no-profiles",
        `There is no profile in ${path}.`,
        "Open a folder or an archive that has files of a profiler in it.",
      ),
    );
  if (member === "" && found.length > MAX_AT_ONCE) severalProfiles(found.map((each) => nameOf(path, each)));
  if (member === "") return found;
  const wanted = found.filter((each) => nameOf(path, each) === member);
  return wanted.length > 0 ? wanted : severalProfiles(found.map((each) => nameOf(path, each)));
}

/** What a person says to choose it. */
const nameOf = (root: string, found: FoundProfile): string =>
  found.member || relative(root, found.path) || basename(found.path);

/** The profiles of one file of a folder, whose other files need not be any: throws "no-profiles" where it is none. */
export async function findOfFolder(path: string, name: string): Promise<readonly FoundProfile[]> {
  if (await isProfile(path, name)) return findProfiles(path, "");
  throw new ProblemError(problemOf("no-profiles", `${name} is no profile.`, "Open files of a profiler."));
}

async function inFile(path: string): Promise<readonly FoundProfile[]> {
  const source = await openFileSource(path);
  try {
    const single = { title: basename(path), path, member: "" };
    if (!isZip(await source.read(0, 4))) return [single];
    const members = await profileMembers(source, context(basename(path)));
    if (members.length === 0) await refuseArchive(source);
    return members.length === 1 ? [single] : members.map(({ name }) => ({ title: name, path, member: name }));
  } finally {
    await source.close();
  }
}

/** Of a file whose end may not be there yet: may there be several profiles in it? */
export async function isArchive(path: string): Promise<boolean> {
  const source = await openFileSource(path);
  try {
    return isZip(await source.read(0, 4));
  } finally {
    await source.close();
  }
}

async function inFolder(root: string): Promise<readonly FoundProfile[]> {
  const found: FoundProfile[] = [];
  for (const path of await filesIn(root)) {
    if (found.length === MAX_MEMBERS) break;
    if (await isProfile(path)) found.push({ title: relative(root, path), path, member: "" });
  }
  return found;
}

async function isProfile(path: string, name = basename(path)): Promise<boolean> {
  let source: FileSource;
  try {
    source = await openFileSource(path);
  } catch (error) {
    // Sockets, files of others, what went away meanwhile: not profiles that can be opened.
    if (error instanceof ProblemError) return false;
    throw error;
  }
  try {
    const importer = await recognise(source, context(name));
    return importer !== null && importer !== "zip";
  } finally {
    await source.close();
  }
}

/** Regular files, by name, folder by folder; links are not followed. */
async function filesIn(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  let folders = [root];
  for (let depth = 0; depth <= MAX_DEPTH && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      const entries = await reading(folder, () => opendir(folder)).catch((error: unknown) => {
        if (folder === root || !(error instanceof ProblemError)) throw error;
        return null;
      });
      if (!entries) continue;
      for await (const entry of entries) {
        if (files.length + next.length >= MAX_FILES) break;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) next.push(path);
        else if (entry.isFile()) files.push(path);
      }
    }
    folders = next;
  }
  return files.sort();
}
