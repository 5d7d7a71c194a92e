import { skipBlanks, TAB } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import { hexLength, PerfHeader } from "./perf-header.ts";

const HASH = 35;
const COLON = 58;
const CLOSE = 41;
const MAX_LINES = 400;
/** What may come first: words of perf record, of a shell. More is another kind of text. */
const MAX_NOISE_LINES = 8;

const isOneLine = (bytes: Uint8Array, { restStart, restEnd }: PerfHeader): boolean =>
  hexLength(bytes, restStart, restEnd) >= (bytes[restEnd - 1] === CLOSE ? 3 : 6);

/** No symbol and no binary begins with a digit: it is a table of numbers. */
function isNumberNext(bytes: Uint8Array, at: number, end: number): boolean {
  const next = skipBlanks(bytes, at, end);
  return next < end && (bytes[next] as number) >= 48 && (bytes[next] as number) <= 57;
}

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
  let untimed = 0;
  let isAfterHeader = false;
  let found = false;
  const splitter = new LineSplitter((bytes, start, end) => {
    if (found || others > MAX_NOISE_LINES || ++lines > MAX_LINES || end === start) {
      isAfterHeader = false;
      return;
    }
    if (bytes[start] === HASH) return;
    const first = skipBlanks(bytes, start, end);
    const digits = hexLength(bytes, first, end);
    // Frames of old versions are not indented, but then they are whole addresses.
    if (isAfterHeader && digits >= (first > start ? 1 : 6) && !isNumberNext(bytes, first + digits, end))
      found = true;
    // Frames alone (-F ip,sym).
    if (headers + others === 0 && bytes[start] === TAB && digits >= 3) found = true;
    isAfterHeader = bytes[start] !== TAB && header.parse(bytes, start, end);
    const hasEvent = header.eventEnd > header.eventStart;
    const isTracepoint = hasEvent && bytes.subarray(header.eventStart, header.eventEnd - 1).includes(COLON);
    if (isAfterHeader && header.hasTime && hasEvent && (header.tid >= 0 || isTracepoint)) headers++;
    else if (isAfterHeader && !header.hasTime && !hasEvent && isOneLine(bytes, header)) untimed++;
    // Without an event, and without call graphs: "comm tid time: ip symbol (binary)".
    else if (isAfterHeader && header.hasTime && header.tid >= 0 && isOneLine(bytes, header)) headers++;
    else if (!isAfterHeader) others++;
  });
  splitter.push(head);
  return found || (headers > 0 && headers > others) || (untimed > 1 && others === 0);
}
