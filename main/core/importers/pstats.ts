import { throwProblem } from "../base/result.ts";
import { EndianReader } from "../bytes/endian.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import { float64, int32 } from "../model/growable.ts";
import type { StreamImporter } from "./importer.ts";
import { spreadCallGraph } from "./shared/call-graph.ts";
import { type Marshalled, marshalType, placeOfCode, readMarshal } from "./shared/pstats-marshal.ts";

/**
 * What Python's cProfile and profile save (and pstats reads): a marshalled dict of
 * `(file, line, name): (primitive calls, calls, self seconds, cumulative seconds, callers)`, where callers is a dict of
 * `(file, line, name): (calls, primitive calls, self, cumulative)`, or of a number of calls (module profile).
 * https://github.com/python/cpython/blob/main/Lib/cProfile.py
 */
export const pstats: StreamImporter = {
  id: "pstats",
  title: "Python cProfile",
  extensions: ["prof", "pstats", "pstat", "cprofile"],
  order: 40,
  kind: "stream",
  sniff: looksLikePstats,
  // Objects refer to earlier ones: it is read as a whole, at its end.
  open: (out, { limits }) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    return {
      push: (chunk) => {
        const taken = chunk.slice(0, limits.maxBytes - length);
        chunks.push(taken);
        length += taken.length;
      },
      end: () => {
        const bytes = new Uint8Array(length);
        let at = 0;
        for (const chunk of chunks.splice(0)) {
          bytes.set(chunk, at);
          at += chunk.length;
        }
        readStats(bytes, out);
      },
    };
  },
};

const NS_PER_SECOND = 1e9;

/** A dict whose first key is a tuple of a text, a number and a text. */
function looksLikePstats(head: Uint8Array): boolean {
  const { tuple, smallTuple, dict } = marshalType;
  if (head.length < 12 || ((head[0] as number) & 0x7f) !== dict) return false;
  const first = (head[1] as number) & 0x7f;
  const reader = new EndianReader(head, true);
  let at = 2;
  if (first === smallTuple) {
    if (head[at] !== 3) return false;
    at += 1;
  } else if (first === tuple) {
    if (reader.u32(at) !== 3) return false;
    at += 4;
  } else return false;
  const text = (head[at] as number) & 0x7f;
  if (text === marshalType.shortAscii || text === marshalType.shortAsciiInterned)
    at += 2 + (head[at + 1] as number);
  else if (longTexts.has(text) && at + 5 <= head.length) at += 5 + reader.u32(at + 1);
  else return false;
  const line = (head[at] ?? 0) & 0x7f;
  return (
    at >= head.length ||
    line === marshalType.int ||
    line === marshalType.int64 ||
    line === marshalType.reference
  );
}

const longTexts: ReadonlySet<number> = new Set([
  marshalType.bytes,
  marshalType.interned,
  marshalType.unicode,
  marshalType.ascii,
  marshalType.asciiInterned,
]);

interface Key {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

const listOf = (value: Marshalled | undefined): readonly Marshalled[] | null =>
  typeof value === "object" && value !== null && value.type === "list" ? value.items : null;
const dictOf = (value: Marshalled | undefined): readonly Marshalled[] | null =>
  typeof value === "object" && value !== null && value.type === "dict" ? value.items : null;
const nsOf = (seconds: number): number => Math.round(seconds * NS_PER_SECOND);

function keyOf(value: Marshalled | undefined): Key | null {
  const [file, line, name] = listOf(value) ?? [];
  if (typeof file !== "string" || typeof line !== "number") return null;
  if (typeof name === "string") return { file, line, name };
  // The module profile calls the program it runs so.
  if (typeof name !== "object" || name?.type !== "code") return null;
  const place = placeOfCode(name);
  return {
    file,
    line,
    name: `<code object ${place.name}, file ${JSON.stringify(place.file)}, line ${place.line}>`,
  };
}

function numbersOf(value: Marshalled | undefined, count: number): readonly number[] | null {
  const items = listOf(value);
  if (!items || items.length < count) return null;
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) {
    const item = items[i];
    if (typeof item !== "number" || !Number.isFinite(item)) return null;
    numbers.push(item);
  }
  return numbers;
}

/** Functions in the order they are met, with their rows in the profile. */
class Nodes {
  readonly functions = int32();
  readonly frames = int32();
  readonly #out: ProfileBuilder;
  /** A key that is referred to is the same value every time. */
  readonly #byValue = new Map<Marshalled, number>();
  readonly #byText = new Map<string, number>();

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** NONE where it is no function. */
  of(value: Marshalled): number {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    const key = keyOf(value);
    if (!key) return NONE;
    const text = `${key.line} ${key.file}\0${key.name}`;
    let node = this.#byText.get(text);
    if (node === undefined) {
      node = this.#add(key);
      this.#byText.set(text, node);
    }
    this.#byValue.set(value, node);
    return node;
  }

  #add({ file, line, name }: Key): number {
    const out = this.#out;
    // Functions written in C have no place: ("~", 0, "<built-in method time.sleep>"), ("", 0, "sleep") of module profile.
    const isBuiltin = (file === "~" || file === "") && line === 0;
    const row = out.function({
      name: out.string(name),
      kind: isBuiltin ? "native" : file === "profile" && line === 0 ? "runtime" : "python",
      ...(!isBuiltin && file !== "" && { file: out.string(file) }),
      ...(line > 0 && line < 2 ** 31 && { line: Math.floor(line) }),
    });
    this.functions.push(row);
    return this.frames.push(out.frame({ function: row }));
  }
}

function readStats(bytes: Uint8Array, out: ProfileBuilder): void {
  const { value, damage, end } = readMarshal(bytes);
  const entries = dictOf(value);
  if (!entries)
    throwProblem(
      "damaged-file",
      "The file begins like one of cProfile, but no function in it can be read.",
      "Record it again: `python3 -m cProfile -o out.prof program.py`.",
      damage ?? undefined,
    );
  out.meta({ format: pstats.id, tool: "cProfile" });
  const series = out.series({
    id: "time",
    kind: "wall",
    timed: false,
    values: [{ name: "time", unit: "nanoseconds" }],
  });
  const nodes = new Nodes(out);
  const node = int32();
  const self = float64();
  const caller = int32();
  const callee = int32();
  const cost = float64();
  let malformed = 0;
  let countsOnly = 0;
  let selfByCaller = false;

  const callers = (of: number, list: readonly Marshalled[], cumulative: number): void => {
    let all = 0;
    let others = 0;
    for (let i = 1; i < list.length; i += 2) {
      const count = list[i];
      if (typeof count !== "number") continue;
      all += count;
      if (nodes.of(list[i - 1] as Marshalled) !== of) others += count;
    }
    for (let i = 0; i + 1 < list.length; i += 2) {
      const from = nodes.of(list[i] as Marshalled);
      const said = list[i + 1] as Marshalled;
      const full = numbersOf(said, 4);
      if (from === NONE || (!full && typeof said !== "number")) {
        malformed++;
        continue;
      }
      if (full) selfByCaller = true;
      else countsOnly++;
      const calls = full ? (full[0] as number) : (said as number);
      // Time comes in from outside: what calls itself passes none on.
      const sum = from === of ? all : others;
      const ns = full ? nsOf(full[3] as number) : sum > 0 ? Math.round((cumulative * calls) / sum) : 0;
      series.exact.call(nodes.functions.at(from), nodes.functions.at(of), NONE, calls, [ns]);
      caller.push(from);
      callee.push(of);
      cost.push(ns);
    }
  };

  for (let i = 0; i + 1 < entries.length; i += 2) {
    const of = nodes.of(entries[i] as Marshalled);
    const row = numbersOf(entries[i + 1], 4);
    if (of === NONE || !row) {
      malformed++;
      continue;
    }
    const [primitive = 0, calls = 0, selfSeconds = 0, cumulativeSeconds = 0] = row;
    const selfNs = nsOf(selfSeconds);
    const cumulativeNs = nsOf(cumulativeSeconds);
    series.exact.function(nodes.functions.at(of), calls, primitive, [selfNs], [cumulativeNs]);
    node.push(of);
    self.push(selfNs);
    callers(of, dictOf(listOf(entries[i + 1])?.[4]) ?? [], cumulativeNs);
  }

  spreadCallGraph(out, series, {
    frames: nodes.frames.view(),
    self: {
      length: node.length,
      node: node.view(),
      frame: Int32Array.from(node.view(), (each) => nodes.frames.at(each)),
      values: [self.view()],
    },
    arcs: { length: caller.length, caller: caller.view(), callee: callee.view(), values: [cost.view()] },
    // Every number is rounded to a nanosecond.
    precision: 1,
  });
  if (selfByCaller)
    out.note(
      "Of each call the number and the time in all are kept; how much of that was the called function itself, and how many were not recursive, is left out.",
    );
  if (countsOnly > 0)
    out.note(
      "The file counts calls but does not time them: the time of a function is given to its callers by calls.",
    );
  if (malformed > 0) out.note(`${malformed} entries could not be read.`);
  if (damage !== null) out.note(`The file is damaged: ${damage}. What comes before was read.`);
  else if (end < bytes.length)
    out.note(`${bytes.length - end} bytes at the end are not part of it and were left out.`);
}
