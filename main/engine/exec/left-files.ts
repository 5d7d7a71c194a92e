import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { FileOutput } from "#core/profilers/profiler.ts";

/** The files that steps leave, and how far each has been taken. */
export interface LeftFiles {
  /** What counts of it and was not taken yet; nothing where there is no such file. */
  take(output: FileOutput): Promise<Uint8Array>;
  /** When the last chunk was complete. */
  sinceMs: number;
}

export function createLeftFiles(): LeftFiles {
  const taken = new Map<string, number>();
  const files: LeftFiles = {
    sinceMs: Date.now(),
    async take({ file, part, grows = false }) {
      const at = grows ? (taken.get(file) ?? 0) : 0;
      const bytes = await readFrom(file, at);
      const [from, to] = part?.(bytes, files.sinceMs) ?? [0, bytes.length];
      taken.set(file, at + to);
      return bytes.subarray(from, to);
    },
  };
  return files;
}

async function readFrom(path: string, at: number): Promise<Uint8Array> {
  let file: FileHandle | null = null;
  try {
    // What wrote it may be a container's program: no link of its own leads us to files of ours.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, size - at));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Uint8Array(0);
    throw error;
  } finally {
    await file?.close();
  }
}
