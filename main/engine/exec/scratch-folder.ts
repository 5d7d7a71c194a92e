import { constants } from "node:fs";
import { copyFile, type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import type { ChunksSource } from "#core/profilers/profiler.ts";

/** A folder of the recording's own, by its name for us and by its name for the target, which may see other files. */
export interface ScratchFolder {
  readonly here: string;
  readonly there: string;
  remove(): Promise<void>;
}

const prefix = "flamewright-chunks-";

/** A folder for a source of steps: the one that runs it removes it. */
export const makeScratch = (): Promise<string> => mkdtemp(join(tmpdir(), prefix));

const removed = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });

export async function scratchFor(source: ChunksSource, folder: string | null): Promise<ScratchFolder> {
  const scratch = await folderFor(source, folder);
  try {
    for (const { name, text } of source.files ?? []) await writeFile(join(scratch.here, name), text);
  } catch (error) {
    await scratch.remove();
    throw error;
  }
  return scratch;
}

async function folderFor({ inside }: ChunksSource, folder: string | null): Promise<ScratchFolder> {
  if (inside !== undefined) return insideTarget(inside);
  const here = folder ?? (await makeScratch());
  return { here, there: here, remove: () => removed(here) };
}

/**
 * In the /tmp that the target sees, reached by a handle: it leads there also when the target has ended, and wherever the
 * target's own links point, which are not followed.
 */
async function insideTarget({ root, copies }: NonNullable<ChunksSource["inside"]>): Promise<ScratchFolder> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(`${root}/tmp`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const tmp = handle;
    const here = await mkdtemp(`/proc/self/fd/${tmp.fd}/${prefix}`);
    const remove = async (): Promise<void> => {
      await removed(here);
      await tmp.close();
    };
    try {
      for (const path of copies) await copyFile(path, join(here, basename(path)));
    } catch (error) {
      await removed(here);
      throw error;
    }
    return { here, there: `/tmp/${basename(here)}`, remove };
  } catch (error) {
    await handle?.close();
    throw new ProblemError(
      problemOf(
        "container-tmp",
        "The /tmp that the target sees cannot be written from here.",
        "Give the container a writable /tmp with some room, or run Flamewright as root or as the target's user.",
        toProblem(error).message,
      ),
    );
  }
}
