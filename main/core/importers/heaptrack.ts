import { hexDigit, textOf } from "../bytes/ascii.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { HeaptrackCosts, heaptrackValues } from "./shared/heaptrack-costs.ts";
import { HeaptrackPlaces } from "./shared/heaptrack-places.ts";

/**
 * Data files of heaptrack, after heaptrack_interpret (versions 0 to 3) or as the preloaded library writes them (raw:
 * addresses instead of names). Every line is a letter and numbers in hex; `+` and `-` are one allocation each.
 * `operator new` stays in the stacks, where heaptrack_print leaves it out. https://invent.kde.org/sdk/heaptrack
 */
export const heaptrack: StreamImporter = {
  id: "heaptrack",
  title: "heaptrack",
  extensions: ["zst", "gz", "heaptrack", "raw"],
  order: 161,
  kind: "stream",
  sniff: (head) => /^v 1[0-9a-f]{4}( [0-3])?\r?\n(X |x |I |A\r?\n|#|s )/.test(textOf(head.subarray(0, 4096))),
  open: createParser,
};

const NEWLINE = 10;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const NS_PER_MS = 1e6;
const MAX_LINE_BYTES = 1 << 20;
const LETTER_S = 115;

const digits = new Uint8Array(256).map((_, byte) => hexDigit(byte) & 255);

function createParser(out: ProfileBuilder, context: ImportContext): StreamParser {
  const costs = new HeaptrackCosts();
  const places = new HeaptrackPlaces(out, context.limits.maxStackDepth, context.services);
  const series = out.series({ id: "allocations", kind: "alloc", timed: true, values: heaptrackValues });
  /** Kinds of allocations of files that do not number them: by trace, then size. */
  const kinds = new Map<number, Map<number, number>>();
  const pointers = new Map<number, number>();
  let version = 0;
  let isRaw = false;
  let lastPointer = 0;
  let timeMs = 0;
  let pageBytes = 4096;
  let executable = "";
  let malformed = 0;
  let suppressions = 0;
  let carry = new Uint8Array(0);
  let isSkipping = false;

  let peakBytes = 0;
  let peakAtNs = 0;

  const tick = (isLast: boolean): void => {
    const timeNs = timeMs * NS_PER_MS;
    if (costs.peak > peakBytes) {
      peakBytes = costs.peak;
      peakAtNs = timeNs;
    }
    out.counter("heaptrack-heap", "Live heap", "bytes", timeNs, costs.total);
    out.counter("allocations", "Allocations", "count", timeNs, costs.allocations);
    out.counter("temporary", "Temporary allocations", "count", timeNs, costs.temporaries);
    costs.sample(out, series, timeNs, places.stackOf, isLast);
  };

  const numbersOf = (bytes: Uint8Array, start: number, end: number): number[] => {
    const numbers: number[] = [];
    for (let at = start; at < end; ) {
      let value = 0;
      const from = at;
      for (; at < end && bytes[at] !== SPACE; at++) {
        const digit = digits[bytes[at] as number] as number;
        if (digit > 15) return numbers;
        value = value * 16 + digit;
      }
      if (at > from) numbers.push(value);
      at++;
    }
    return numbers;
  };

  /** A text after its letter: with its length in front from version 3 on. Gives where it ends. */
  const sized = (bytes: Uint8Array, start: number, end: number): readonly [string, number] => {
    if (version < 3) return [textOf(bytes, start, end), end];
    let at = start;
    while (at < end && bytes[at] !== SPACE) at++;
    const [size = 0] = numbersOf(bytes, start, at);
    const to = Math.min(end, at + 1 + size);
    return [textOf(bytes, Math.min(at + 1, to), to), to];
  };

  const addressed = (numbers: readonly number[]): void => {
    const [size, trace, pointer] = numbers;
    if (size === undefined || trace === undefined || pointer === undefined) {
      malformed++;
      return;
    }
    let sizes = kinds.get(trace);
    if (!sizes) {
      sizes = new Map();
      kinds.set(trace, sizes);
    }
    let info = sizes.get(size);
    if (info === undefined) {
      info = costs.info(size, trace);
      sizes.set(size, info);
    }
    pointers.set(pointer, info);
    lastPointer = pointer;
    costs.allocate(info);
  };

  const addressedFree = (pointer: number | undefined): void => {
    const info = pointer === undefined ? undefined : pointers.get(pointer);
    // Of a program that ran before: what it had allocated is not known.
    if (info === undefined || pointer === undefined) return;
    pointers.delete(pointer);
    if (isRaw) costs.free(info);
    else costs.free(info, lastPointer === pointer);
    lastPointer = 0;
  };

  const isAddressed = (): boolean => isRaw || version === 0;

  /** Every line that is not one of the many, and every line that cannot be read quickly. */
  const line = (bytes: Uint8Array, start: number, end: number): void => {
    const letter = String.fromCharCode(bytes[start] as number);
    if (end - start > 1 && bytes[start + 1] !== SPACE && letter !== "#") {
      malformed++;
      return;
    }
    const from = start + 2;
    const numbers = /[sXxmS#]/.test(letter) ? [] : numbersOf(bytes, from, end);
    const [first, second] = numbers;
    switch (letter) {
      case "s":
        places.string(sized(bytes, from, end)[0]);
        return;
      case "i":
        places.pointer(numbers);
        return;
      case "t":
        if (first === undefined || second === undefined) malformed++;
        else if (isRaw) places.addressTrace(first, second);
        else places.trace(first, second);
        return;
      case "a":
        if (first === undefined || second === undefined) malformed++;
        else costs.info(first, second);
        return;
      case "+":
        if (isAddressed()) addressed(numbers);
        else if (first !== undefined && first < costs.infos) costs.allocate(first);
        else malformed++;
        return;
      case "-":
        if (isAddressed()) addressedFree(first);
        else if (first !== undefined && first < costs.infos) costs.free(first);
        else malformed++;
        return;
      case "c":
        if (first === undefined || first >= 2 ** 50) malformed++;
        else {
          tick(false);
          timeMs = Math.max(timeMs, first);
        }
        return;
      case "R":
        if (first === undefined) malformed++;
        else
          out.counter(
            "heaptrack-rss",
            "Resident memory (heaptrack)",
            "bytes",
            timeMs * NS_PER_MS,
            first * pageBytes,
          );
        return;
      case "v":
        version = second ?? (first === 0x10200 ? 1 : 0);
        out.meta({ toolVersion: versionText(first ?? 0) });
        return;
      case "I":
        if (first) pageBytes = first;
        return;
      case "X":
        out.meta({ target: textOf(bytes, from, end) });
        return;
      case "A":
        out.note("heaptrack was attached to a running program: what had been allocated before is not known.");
        return;
      case "S":
        suppressions++;
        return;
      case "x":
        isRaw = true;
        executable = sized(bytes, from, end)[0];
        return;
      case "m": {
        isRaw = true;
        const [path, to] = rawModule(bytes, from, end);
        if (path === "-") places.clearModules();
        else {
          const [base = 0, ...segments] = numbersOf(bytes, to, end);
          places.module(path === "x" ? executable : path, base, segments);
        }
        return;
      }
      case "#":
        return;
      default:
        malformed++;
    }
  };

  const rawModule = (bytes: Uint8Array, start: number, end: number): readonly [string, number] => {
    if (version >= 3) {
      const [path, to] = sized(bytes, start, end);
      return [path, to + 1];
    }
    let to = start;
    while (to < end && bytes[to] !== SPACE) to++;
    return [textOf(bytes, start, to), to + 1];
  };

  /** Where the line that starts here ends, or -1: a text with its length may have line ends in it. */
  const lineEnd = (bytes: Uint8Array, start: number): number => {
    let from = start;
    if (bytes[start] === LETTER_S && version >= 3) {
      let at = start + 2;
      let size = 0;
      for (; at < bytes.length && bytes[at] !== SPACE && bytes[at] !== NEWLINE; at++)
        size = size * 16 + ((digits[bytes[at] as number] as number) & 15);
      if (at === bytes.length) return -1;
      if (bytes[at] === SPACE && size < MAX_LINE_BYTES) from = at + 1 + size;
      if (from >= bytes.length) return -1;
    }
    return bytes.indexOf(NEWLINE, from);
  };

  const push = (chunk: Uint8Array): void => {
    let bytes = chunk;
    let at = 0;
    if (isSkipping) {
      at = chunk.indexOf(NEWLINE) + 1;
      if (at === 0) return;
      isSkipping = false;
    } else if (carry.length > 0) {
      bytes = new Uint8Array(carry.length + chunk.length);
      bytes.set(carry);
      bytes.set(chunk, carry.length);
      carry = new Uint8Array(0);
    }
    const { length } = bytes;
    while (at < length) {
      const letter = bytes[at] as number;
      if ((letter === PLUS || letter === MINUS) && !isAddressed()) {
        let to = at + 2;
        let info = 0;
        let byte = SPACE;
        for (; to < length; to++) {
          byte = bytes[to] as number;
          const digit = digits[byte] as number;
          if (digit > 15) break;
          info = info * 16 + digit;
        }
        if (byte === NEWLINE && to > at + 2 && info < costs.infos) {
          if (letter === PLUS) costs.allocate(info);
          else costs.free(info);
          at = to + 1;
          continue;
        }
      }
      const end = lineEnd(bytes, at);
      if (end === -1) break;
      if (end > at) line(bytes, at, end > at + 1 && bytes[end - 1] === 13 ? end - 1 : end);
      at = end + 1;
    }
    if (at >= length) return;
    if (length - at > 2 * MAX_LINE_BYTES) {
      malformed++;
      isSkipping = true;
    } else carry = bytes.slice(at);
  };

  out.meta({ format: heaptrack.id, tool: "heaptrack" });
  return {
    push,
    end: () => {
      if (carry.length > 0) line(carry, 0, carry.length);
      tick(true);
      if (peakBytes > 0)
        out.interval({
          start: peakAtNs,
          end: peakAtNs,
          category: out.string("mark"),
          name: out.string("peak"),
        });
      if (isRaw)
        out.note(
          context.services?.symbols
            ? "The file is raw: names are those of the binaries that are here; heaptrack_interpret knows lines and inlined functions too."
            : "The file is raw: stacks have addresses only. Pipe the unpacked file through `heaptrack_interpret` for names.",
        );
      if (suppressions > 0)
        out.note(`${suppressions} suppressions of leaks are not applied: every leak is shown.`);
      if (places.unknown > 0) out.note(`${places.unknown} references lead to nothing and were left out.`);
      if (places.cut > 0)
        out.note(`${places.cut} frames were deeper than ${context.limits.maxStackDepth} and were cut.`);
      if (malformed > 0) out.note(`${malformed} lines could not be read.`);
    },
  };
}

/** 0x10400 is 1.4.0. */
const versionText = (number: number): string =>
  `${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
