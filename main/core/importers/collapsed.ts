import { parseNumber, skipBlanks, startsWith, textOf, tokenEnd, trimEnd } from "../bytes/ascii.ts";
import { ByteInterner } from "../bytes/byte-interner.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { FunctionKind } from "../model/profile.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { looksLikeAustin } from "./shared/austin-sniff.ts";

/**
 * Collapsed ("folded") stacks, as FlameGraph's stackcollapse scripts print them: `frame;frame;frame weight`, root first.
 * With two numbers it is the differential form of difffolded.pl: before and after. Annotations at the end of a frame's
 * name say what it is: `_[k]` kernel, `_[j]` JIT, `_[i]` inlined, `_[w]` waker.
 */
export const collapsed: StreamImporter = {
  kind: "stream",
  id: "collapsed",
  title: "Collapsed stacks",
  extensions: ["collapsed", "folded", "txt"],
  order: 900,
  sniff: (head) => looksCollapsed(head) && !looksLikeAustin(head),
  open: (out, context) => createParser(out, context),
};

const SEMICOLON = 59;
const HASH = 35;
const SNIFF_LINES = 50;

const isComment = (line: string): boolean => line.startsWith("#") || line.startsWith("//");

/** Most lines of the head are a stack and a weight; where no stack has a semicolon, all of them. */
function looksCollapsed(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const lines = textOf(head).split(/\r?\n/, SNIFF_LINES);
  if (lines.length > 1) lines.pop();
  const told = lines.filter((line) => line.trim() !== "" && !isComment(line));
  const stacks = told.filter((line) => /^\S.*[ \t]\d+(\.\d+)?([ \t]+\d+(\.\d+)?)?[ \t]*$/.test(line));
  if (stacks.length === 0) return false;
  const hasStack = stacks.some((line) => line.includes(";"));
  return hasStack ? stacks.length * 4 >= told.length * 3 : stacks.length === told.length;
}

interface Frame {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly inlined: boolean;
  readonly isWaker: boolean;
}

const suffixes: Readonly<Record<string, Partial<Frame>>> = {
  "_[k]": { kind: "kernel" },
  "_[j]": { kind: "jit" },
  "_[i]": { inlined: true },
  "_[w]": { isWaker: true },
};

function frameOf(text: string): Frame {
  const suffix = suffixes[text.slice(-4)];
  return {
    name: suffix ? text.slice(0, -4) : text,
    kind: "unknown",
    inlined: false,
    isWaker: false,
    ...suffix,
  };
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const names = new ByteInterner();
  const frames: number[] = [];
  let series: SeriesBuilder | null = null;
  let weights = 1;
  let unreadable = 0;
  let cut = 0;

  const frameIndex = (bytes: Uint8Array, start: number, end: number): number => {
    const index = names.intern(bytes, start, end);
    if (index < frames.length) return frames[index];
    const whole = textOf(bytes, start, end);
    const { name, kind, inlined, isWaker } = frameOf(whole);
    frames.push(
      out.frame({
        function: out.function({ name: out.string(name), kind }),
        inlineDepth: inlined ? 1 : 0,
        symbol: isWaker ? out.string(whole) : NONE,
      }),
    );
    return frames[index];
  };

  const seriesFor = (count: number): SeriesBuilder => {
    if (series) return series;
    weights = count;
    series = out.series({
      id: "samples",
      kind: "other",
      timed: false,
      values:
        count === 2
          ? [
              { name: "after", unit: "samples" },
              { name: "before", unit: "samples" },
            ]
          : [{ name: "weight", unit: "samples" }],
    });
    return series;
  };

  /** The number that ends at `end`, and where the text before it ends; null where there is none. */
  const lastNumber = (bytes: Uint8Array, start: number, end: number) => {
    let from = end;
    while (from > start && bytes[from - 1] !== 32 && bytes[from - 1] !== 9) from--;
    if (from === start) return null;
    const value = parseNumber(bytes, from, end);
    return Number.isFinite(value) && value >= 0 ? { value, before: trimEnd(bytes, start, from) } : null;
  };

  const splitter = new LineSplitter((bytes, lineStart, lineEnd) => {
    const start = skipBlanks(bytes, lineStart, lineEnd);
    const end = trimEnd(bytes, start, lineEnd);
    if (start === end || bytes[start] === HASH || startsWith(bytes, start, end, "//")) return;
    const last = lastNumber(bytes, start, end);
    if (!last || last.before <= start) {
      unreadable++;
      return;
    }
    const first = weights === 2 || !series ? lastNumber(bytes, start, last.before) : null;
    const two =
      first !== null && first.before > start && (series !== null || hasStack(bytes, start, first.before));
    const stackEnd = two ? first.before : last.before;
    if (series && series.length >= limits.maxSamples) {
      out.note(
        `Only the first ${limits.maxSamples} lines were read: raise the limit on samples to read more.`,
      );
      return;
    }
    let stack = NONE;
    let depth = 0;
    for (let at = start; at <= stackEnd; ) {
      const to = semicolonAt(bytes, at, stackEnd);
      if (to > at && ++depth <= limits.maxStackDepth) stack = out.stack(stack, frameIndex(bytes, at, to));
      at = to + 1;
    }
    if (depth > limits.maxStackDepth) cut++;
    const into = seriesFor(two ? 2 : 1);
    if (two) into.add(0, NONE, stack, last.value, first.value);
    else into.add(0, NONE, stack, last.value, 0);
  });

  out.meta({ format: "collapsed" });
  return {
    push: (chunk) => splitter.push(chunk),
    end: () => {
      splitter.end();
      if (unreadable > 0) {
        out.note(
          `${unreadable} ${unreadable === 1 ? "line is" : "lines are"} not a stack and a weight: skipped.`,
        );
      }
      if (cut > 0) out.note(`${cut} stacks were deeper than ${limits.maxStackDepth} frames and were cut.`);
      if (splitter.cutLines > 0) out.note(`${splitter.cutLines} lines were too long and were cut.`);
    },
  };
}

/** `a;b 3 4` is a stack and two numbers; `operator 3 4` may be a name with a space, so two numbers want a semicolon. */
function hasStack(bytes: Uint8Array, start: number, end: number): boolean {
  return semicolonAt(bytes, start, end) < end || tokenEnd(bytes, start, end) === end;
}

/** Where the next semicolon is, or `end`. Never looks past it: the next semicolon may be a whole file away. */
function semicolonAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SEMICOLON) at++;
  return at;
}
