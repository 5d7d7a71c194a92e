import { TAB } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import { hexLength, PerfHeader } from "./perf-header.ts";

const HASH = 35;
const MAX_LINES = 400;

/**
 * Text of `perf script`: a header line followed by a frame line; or header lines alone, which must then have a time
 * and an event; or frame lines alone, of which the first begins with a tab and an address.
 */
export function looksLikePerfScript(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const header = new PerfHeader();
  let lines = 0;
  let headers = 0;
  let others = 0;
  let isAfterHeader = false;
  let found = false;
  const splitter = new LineSplitter((bytes, start, end) => {
    if (found || ++lines > MAX_LINES || end === start) {
      isAfterHeader = false;
      return;
    }
    if (bytes[start] === HASH) return;
    const first = firstBlankless(bytes, start, end);
    const isFrame = first > start && hexLength(bytes, first, end) > 0;
    if (isFrame && (isAfterHeader || (headers === 0 && others === 0 && bytes[start] === TAB))) {
      if (isAfterHeader || hexLength(bytes, first, end) >= 3) found = true;
    }
    if (bytes[start] !== TAB && header.parse(bytes, start, end)) {
      isAfterHeader = header.eventEnd > header.eventStart || header.hasTime;
      if (header.hasTime && header.eventEnd > header.eventStart && header.tid >= 0) headers++;
    } else {
      if (isAfterHeader && hexLength(bytes, start, end) === 0 && startsWithAddress(bytes, start, end))
        found = true;
      isAfterHeader = false;
      others++;
    }
  });
  splitter.push(head);
  return found || (headers > 0 && headers > others);
}

/** "ffffffff8103d0ca native_write_msr_safe ([kernel.kallsyms])", as old versions print it: not indented. */
const startsWithAddress = (bytes: Uint8Array, start: number, end: number): boolean =>
  hexLength(bytes, start, end) >= 6;

function firstBlankless(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 32 || bytes[at] === TAB)) at++;
  return at;
}
