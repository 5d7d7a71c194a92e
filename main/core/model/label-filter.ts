import { compilePattern } from "./pattern.ts";
import type { LabelTable, Profile } from "./profile.ts";
import type { Transform } from "./transform.ts";

/**
 * Filters of samples by their labels, written as pprof's -tagfocus and -tagignore:
 *
 *     text            a label whose "key:text" matches; of "a,b" every part must match some label
 *     key=a,b         a label of this key that matches one of them
 *     100ms           a number of that size, whatever the units are; also key=100ms
 *     128kb:1mb       at least and at most; 128kb: and :1mb are open to one side
 *
 * https://github.com/google/pprof/blob/main/doc/README.md#options, compileTagFilter in internal/driver/driver_focus.go
 */
type LabelTest = (labels: LabelTable, row: number) => boolean;

/** 1 for the sets that pass every tagfocus and tagignore, at their index plus one (0: no labels); null where there is none. */
export function labelSetFlags(profile: Profile, transforms: readonly Transform[]): Uint8Array | null {
  const filters = transforms.flatMap((each) =>
    each.type === "tagfocus" || each.type === "tagignore" ? [each] : [],
  );
  if (filters.length === 0) return null;
  const { labels } = profile;
  const sets = labels.length === 0 ? 0 : labels.set[labels.length - 1] + 1;
  const flags = new Uint8Array(sets + 1).fill(1);
  for (const { type, pattern } of filters) {
    const tests = parsed(pattern, profile.strings);
    const matched = new Uint8Array(sets + 1).fill(1);
    for (const test of tests) {
      const passes = new Uint8Array(sets + 1);
      for (let row = 0; row < labels.length; row++) if (test(labels, row)) passes[labels.set[row] + 1] = 1;
      for (let set = 0; set < passes.length; set++) matched[set] &= passes[set];
    }
    const wanted = type === "tagfocus" ? 1 : 0;
    for (let set = 0; set < flags.length; set++) if (matched[set] !== wanted) flags[set] = 0;
  }
  return flags;
}

/** All must hold, each for some label of the set. */
function parsed(filter: string, strings: readonly string[]): readonly LabelTest[] {
  const cut = filter.indexOf("=");
  const wantedKey = cut === -1 ? null : filter.slice(0, cut);
  const value = filter.slice(cut + 1);
  const isKey = (labels: LabelTable, row: number): boolean =>
    wantedKey === null || strings[labels.key[row]] === wantedKey;
  const range = parseRange(value);
  if (range)
    return [
      (labels, row) =>
        isKey(labels, row) && labels.text[row] === -1 && range(...measured(labels, row, strings)),
    ];
  const expressions = value.split(",").map(compilePattern);
  if (wantedKey !== null)
    return [
      (labels, row) =>
        isKey(labels, row) &&
        labels.text[row] !== -1 &&
        expressions.some((each) => each.test(strings[labels.text[row]] ?? "")),
    ];
  return expressions.map(
    (each): LabelTest =>
      (labels, row) =>
        labels.text[row] !== -1 && each.test(`${strings[labels.key[row]]}:${strings[labels.text[row]]}`),
  );
}

/** Old files give no units: there the key says what is counted. */
function measured(labels: LabelTable, row: number, strings: readonly string[]): [number, string] {
  const key = strings[labels.key[row]] ?? "";
  const unit = labels.unit[row] === -1 ? "" : (strings[labels.unit[row]] ?? "");
  return [labels.number[row], unit || (key === "request" || key === "alignment" ? "bytes" : key)];
}

interface Size {
  readonly value: number;
  /** "" where none was given: then numbers of every unit are compared as they are. */
  readonly dimension: string;
}

const sizePattern = String.raw`[+-]?\d+(?:\.\d+)?(?:[a-zµ]+)?`;
const rangePattern = new RegExp(`^(?:(${sizePattern})|(${sizePattern})?:(${sizePattern})?)$`, "iu");

/** null where the text is no number and no range. */
function parseRange(text: string): ((value: number, unit: string) => boolean) | null {
  const match = rangePattern.exec(text);
  if (!match || text === ":") return null;
  const [, exact, least, most] = match;
  const bounds = [exact ?? least, exact ?? most].map((bound) => (bound === undefined ? null : sizeOf(bound)));
  const [from = null, to = null] = bounds;
  if (from && to && from.dimension !== to.dimension) return null;
  const { dimension } = from ?? to ?? { dimension: "" };
  return (value, unit) => {
    const size = dimension === "" ? { value, dimension } : scaled(value, unit);
    return (
      size.dimension === dimension &&
      (from === null || size.value >= from.value) &&
      (to === null || size.value <= to.value)
    );
  };
}

function sizeOf(text: string): Size {
  const unit = /[a-zµ]*$/iu.exec(text)?.[0] ?? "";
  const value = Number(text.slice(0, text.length - unit.length));
  return unit === "" ? { value, dimension: "" } : scaled(value, unit);
}

const bytes: readonly (readonly [readonly string[], number])[] = [
  [["b", "byte", "bytes"], 1],
  [["kb", "kib", "kbyte", "kbytes", "kilobyte", "kilobytes"], 2 ** 10],
  [["mb", "mib", "mbyte", "mbytes", "megabyte", "megabytes"], 2 ** 20],
  [["gb", "gib", "gbyte", "gbytes", "gigabyte", "gigabytes"], 2 ** 30],
  [["tb", "tib", "tbyte", "tbytes", "terabyte", "terabytes"], 2 ** 40],
  [["pb", "pib", "pbyte", "pbytes", "petabyte", "petabytes"], 2 ** 50],
];
const times: readonly (readonly [readonly string[], number])[] = [
  [["ns", "nanosecond", "nanoseconds"], 1],
  [["us", "µs", "microsecond", "microseconds"], 1e3],
  [["ms", "millisecond", "milliseconds"], 1e6],
  [["s", "sec", "second", "seconds"], 1e9],
  [["min", "minute", "minutes"], 60e9],
  [["h", "hr", "hrs", "hour", "hours"], 3600e9],
  [["day", "days"], 24 * 3600e9],
];
/** Unit in lower case to what it measures and how many of the smallest it is. */
const units = new Map<string, readonly [string, number]>(
  (
    [
      ["bytes", bytes],
      ["nanoseconds", times],
    ] as const
  ).flatMap(([dimension, all]) =>
    all.flatMap(([names, factor]) => names.map((name) => [name, [dimension, factor]] as const)),
  ),
);

/** In bytes or nanoseconds where the unit is one of them, else as it is. */
function scaled(value: number, unit: string): Size {
  const known = units.get(unit.toLowerCase());
  return known ? { value: value * known[1], dimension: known[0] } : { value, dimension: unit.toLowerCase() };
}

/** A time as a person writes it ("1.5s", "200ms", "3min"), in nanoseconds; null for anything else. A bare number is seconds. */
export function parseDurationNs(text: string): number | null {
  if (!/^\d+(?:\.\d+)?[a-zµ]*$/iu.test(text)) return null;
  const { value, dimension } = sizeOf(text);
  if (dimension === "") return value * 1e9;
  return dimension === "nanoseconds" ? value : null;
}
