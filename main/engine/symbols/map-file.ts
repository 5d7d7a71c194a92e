import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ReadMap } from "./text-map.ts";

const MAX_MAP_BYTES = 2 ** 29;
/** Bytes before an offset that must be as they were: else the map was written anew. */
const SEAM_BYTES = 64;

const nothing = { text: "", isAnew: false };

/** Maps are written by whoever runs: only a plain file is read, as perf does. It may come later, grow, or be written anew. */
export function mapReader(path: string): ReadMap {
  let inode = -1;
  let size = -1;
  let seam = "";
  return (offset) => {
    let file: number;
    try {
      file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      // Not there yet, or not ours to read.
      return nothing;
    }
    try {
      const facts = fstatSync(file);
      if (!facts.isFile() || facts.size > MAX_MAP_BYTES) return nothing;
      if (facts.ino === inode && facts.size === size) return nothing;
      const before = Math.min(offset, SEAM_BYTES);
      const text = textFrom(file, offset - before, facts.size);
      const isSame = offset === 0 || (facts.ino === inode && text.slice(0, before) === seam.slice(-before));
      inode = facts.ino;
      size = facts.size;
      const all = isSame ? text.slice(before) : textFrom(file, 0, facts.size);
      const whole = all.slice(0, all.lastIndexOf("\n") + 1);
      seam = `${isSame ? seam : ""}${whole}`.slice(-SEAM_BYTES);
      return { text: all, isAnew: !isSame };
    } finally {
      closeSync(file);
    }
  };
}

/** One character a byte, so that offsets in the text are offsets in the file. */
function textFrom(file: number, from: number, to: number): string {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let filled = 0;
  while (filled < bytes.length) {
    const read = readSync(file, bytes, filled, bytes.length - filled, from + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.toString("latin1", 0, filled);
}
