import { bytesFrom, withGrowingFile } from "./growing-file.ts";
import type { ReadMap } from "./text-map.ts";

const MAX_MAP_BYTES = 2 ** 29;
/** Bytes before an offset that must be as they were: else the map was written anew. */
const SEAM_BYTES = 64;

const nothing = { text: "", isAnew: false };

/** It may come later, grow, or be written anew. */
export function mapReader(path: string): ReadMap {
  let inode = -1;
  let size = -1;
  let seam = "";
  return (offset) =>
    withGrowingFile(path, MAX_MAP_BYTES, nothing, (file, facts) => {
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
    });
}

/** One character a byte, so that offsets in the text are offsets in the file. */
const textFrom = (file: number, from: number, to: number): string =>
  bytesFrom(file, from, to - from).toString("latin1");
