import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { SeriesKind } from "../model/profile.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { IndentedCalls } from "./shared/indented-calls.ts";

/**
 * What Edit > Deep Copy of the call tree of Apple's Instruments puts on the clipboard: columns between tabs, the last
 * one the symbol, indented.
 *
 *     Weight	Self Weight		Symbol Name
 *     4.93 s  100.0%	0 s	 	start
 */
export const instrumentsCopy: StreamImporter = {
  id: "instruments-copy",
  title: "Instruments call tree (deep copy)",
  extensions: ["txt"],
  order: 285,
  kind: "stream",
  sniff: (head) =>
    /^\ufeff?(?:Weight|Running Time|Bytes Used|Count|Cycles|Self|Samples)[^\n\t]*\t[^\n]*\tSymbol Names?\r?\n/i.test(
      textOf(head.subarray(0, 400)),
    ),
  open: (out, context) => createParser(out, context),
};

interface Unit {
  readonly unit: string;
  readonly factor: number;
}

/** As Instruments abbreviates: thousands for time and cycles, 1024 for bytes. */
const units: Readonly<Record<string, Unit>> = {
  ns: { unit: "nanoseconds", factor: 1 },
  us: { unit: "nanoseconds", factor: 1e3 },
  µs: { unit: "nanoseconds", factor: 1e3 },
  ms: { unit: "nanoseconds", factor: 1e6 },
  s: { unit: "nanoseconds", factor: 1e9 },
  min: { unit: "nanoseconds", factor: 60e9 },
  h: { unit: "nanoseconds", factor: 3600e9 },
  cycles: { unit: "cycles", factor: 1 },
  c: { unit: "cycles", factor: 1 },
  Kc: { unit: "cycles", factor: 1e3 },
  kc: { unit: "cycles", factor: 1e3 },
  Mc: { unit: "cycles", factor: 1e6 },
  Gc: { unit: "cycles", factor: 1e9 },
  Tc: { unit: "cycles", factor: 1e12 },
  Bytes: { unit: "bytes", factor: 1 },
  B: { unit: "bytes", factor: 1 },
  KB: { unit: "bytes", factor: 2 ** 10 },
  MB: { unit: "bytes", factor: 2 ** 20 },
  GB: { unit: "bytes", factor: 2 ** 30 },
  KiB: { unit: "bytes", factor: 2 ** 10 },
  MiB: { unit: "bytes", factor: 2 ** 20 },
  GiB: { unit: "bytes", factor: 2 ** 30 },
};
const bare: Unit = { unit: "count", factor: 1 };

/** "4.93 s  100.0%", "429.93 MB", "84671", "-". */
function quantity(text: string): { readonly value: number; readonly unit: string } | null {
  if (text.trim() === "-") return { value: 0, unit: "" };
  const match = /^\s*([\d.,]+)\s*([A-Za-zµ]*)/.exec(text);
  if (!match) return null;
  const { unit, factor } = units[match[2] ?? ""] ?? bare;
  const value = Number((match[1] ?? "").replaceAll(",", "")) * factor;
  return Number.isFinite(value) ? { value, unit } : null;
}

/** A column "Self (ms)" is in the unit of its name. */
function selfValue(text: string, unit: string): number | null {
  const self = quantity(text);
  if (!self) return null;
  return self.unit === "count" && unit === "nanoseconds" ? self.value * 1e6 : self.value;
}

interface Columns {
  /** Columns with inclusive values. */
  readonly values: readonly { readonly at: number; readonly name: string }[];
  /** Column with what a line cost itself, for the first of the values; NONE where there is none. */
  readonly self: number;
  readonly symbol: number;
}

interface Row {
  readonly frame: number;
  /** null: what the lines below leave. */
  readonly self: number | null;
}

function readColumns(header: string): Columns {
  const names = header.replace(/^\ufeff/, "").split("\t");
  const values = names
    .map((name, at) => ({ at, name: name.trim() }))
    .filter(({ name }) => name !== "" && !/^Self\b|^Symbol|^Source|^Library|^Category|^#/i.test(name));
  return { values, self: names.findIndex((name) => /^Self\b/i.test(name.trim())), symbol: names.length - 1 };
}

const kindOf = (unit: string): SeriesKind =>
  unit === "bytes" ? "alloc" : unit === "count" ? "other" : "cpu";

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let columns: Columns | null = null;
  let series: SeriesBuilder | null = null;
  let unread = 0;
  const tree = new IndentedCalls<Row>(limits.maxStackDepth, (path, own) => {
    const self = path.at(-1)?.self ?? null;
    const values = self === null ? own : [self, ...own.slice(1)];
    if (!series || series.length >= limits.maxSamples || values.every((value) => value === 0)) return;
    let stack = NONE;
    for (const { frame } of path) stack = out.stack(stack, frame);
    series.addValues(0, NONE, stack, values);
  });
  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (line.trim() === "") return;
    if (!columns) {
      columns = readColumns(line);
      return;
    }
    const cells = line.split("\t");
    const symbol = cells.slice(columns.symbol).join("\t");
    const values = columns.values.map(({ at }) => quantity(cells[at] ?? ""));
    if (cells.length <= columns.symbol || symbol.trim() === "" || values.some((value) => value === null)) {
      unread++;
      return;
    }
    series ??= out.series({
      id: columns.values[0]?.name ?? "weight",
      kind: kindOf(values[0]?.unit ?? ""),
      timed: false,
      values: columns.values.map(({ name }, i) => ({ name, unit: values[i]?.unit || "count" })),
    });
    const depth = symbol.length - symbol.trimStart().length;
    const name = out.string(symbol.trim());
    const frame = out.frame({ function: out.function({ name, kind: "native" }) });
    const self = columns.self === NONE ? null : selfValue(cells[columns.self] ?? "", values[0]?.unit ?? "");
    tree.line(
      depth,
      { frame, self },
      values.map((each) => each?.value ?? 0),
    );
  }, 1 << 20);
  out.meta({ format: instrumentsCopy.id, tool: "Instruments" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      tree.end();
      out.note("Instruments rounds the values that it copies: sums may differ in the last digits.");
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (tree.tooDeep > 0) out.note(`${tree.tooDeep} lines were too deep and were left out.`);
    },
  };
}
