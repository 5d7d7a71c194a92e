import { skipBlanks, textOf, tokenEnd, trimEnd } from "../../bytes/ascii.ts";
import { hexLength } from "./perf-header.ts";

const BAR = 124;
/** A branch with symbols is no longer than this; the names in it may be cut by perf, not by us. */
const MAX_BRANCH_BYTES = 8192;

/** Hex and decimal numbers alone: -F addr, weight, or an address without a name. */
export function isNumbers(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    if (hexLength(bytes, at, end) === 0) return false;
    at = skipBlanks(bytes, tokenEnd(bytes, at, end), end);
  }
  return true;
}

/** "7f0012 68100142 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No": -F data_src. */
export const isDataSource = (bytes: Uint8Array, start: number, end: number): boolean =>
  bytes.subarray(start, end).includes(BAR) && textOf(bytes, start, end).includes(" |OP ");

/**
 * Where the branches at the end of a line begin (-F +brstack, brstacksym), or its end:
 * "0x4005f8/0x400600/P/-/-/0", which is from/to/predicted/transaction/abort/cycles.
 */
export function branchesStart(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  for (;;) {
    const last = trimEnd(bytes, start, at);
    let from = last;
    while (from > start && bytes[from - 1] !== 32) from--;
    if (from === last || !isBranch(bytes, from, last)) break;
    at = from;
  }
  return at === end ? end : trimEnd(bytes, start, at);
}

function isBranch(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 11 || end - start > MAX_BRANCH_BYTES || !bytes.subarray(start, end).includes(47))
    return false;
  return /^\S+\/\S*\/[MPN-]{1,2}\/[X-]\/[A-]\/\d+(\/\S*)?$/.test(textOf(bytes, start, end));
}
