import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

/**
 * What `use` makes of a file that a runtime writes while it runs: only a plain one is read, as perf does, and never waited for.
 * `nothing` where it is not there yet, is gone, is not ours to read, or is larger than `mostBytes`.
 */
export function withGrowingFile<T>(
  path: string,
  mostBytes: number,
  nothing: T,
  use: (file: number, facts: Stats) => T,
): T {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return nothing;
  }
  try {
    const facts = fstatSync(file);
    return facts.isFile() && facts.size <= mostBytes ? use(file, facts) : nothing;
  } finally {
    closeSync(file);
  }
}

/** At most `length` bytes from an offset on: as many as there are. */
export function bytesFrom(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, length));
  let filled = 0;
  while (filled < bytes.length) {
    const read = readSync(file, bytes, filled, bytes.length - filled, from + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
