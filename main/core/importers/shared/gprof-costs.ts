import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import { spreadCallGraph } from "./call-graph.ts";

interface Flat {
  readonly name: string;
  readonly self: number;
  readonly calls: number;
  isUsed: boolean;
}

/** Functions and calls of a gprof listing, until all are known. Times in ns. */
export class GprofCosts {
  readonly #out: ProfileBuilder;
  readonly #nodes = new Map<number, number>();
  readonly #names: string[] = [];
  readonly #isEntry: boolean[] = [];
  readonly #self = float64();
  readonly #inclusive = float64();
  readonly #calls = float64();
  readonly #primitive = float64();
  readonly #caller = int32();
  readonly #callee = int32();
  readonly #arcCalls = float64();
  readonly #arcCost = float64();
  readonly #flat: Flat[] = [];
  precisionNs = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  get arcCount(): number {
    return this.#caller.length;
  }

  flat(name: string, self: number, calls: number): void {
    this.#flat.push({ name, self, calls, isUsed: false });
  }

  #add(name: string): number {
    const node = this.#self.push(0);
    this.#names.push(name);
    this.#isEntry.push(false);
    this.#inclusive.push(0);
    this.#calls.push(Number.NaN);
    this.#primitive.push(Number.NaN);
    return node;
  }

  #node(id: number, name: string): number {
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = this.#add(name);
      this.#nodes.set(id, node);
    }
    return node;
  }

  /** `calls` that are not recursive, and those that are. */
  entry(
    id: number,
    name: string,
    self: number,
    inclusive: number,
    calls: string | undefined,
    recursive: string | undefined,
  ): number {
    const node = this.#node(id, name);
    this.#isEntry[node] = true;
    this.#self.set(node, self);
    this.#inclusive.set(node, inclusive);
    if (calls !== undefined) {
      this.#primitive.set(node, Number(calls));
      this.#calls.set(node, Number(calls) + Number(recursive ?? 0));
    }
    return node;
  }

  arc(caller: number, id: number, name: string, calls: number, cost: number): void {
    this.#caller.push(caller);
    this.#callee.push(this.#node(id, name));
    this.#arcCalls.push(calls);
    this.#arcCost.push(cost);
  }

  write(): void {
    const out = this.#out;
    this.#addFlat();
    const series = out.series({
      id: "time",
      kind: "cpu",
      timed: false,
      values: [{ name: "time", unit: "nanoseconds" }],
    });
    const functions = int32();
    const frames = int32();
    for (const text of this.#names) {
      const { row, frame } = placeOf(out, text);
      functions.push(row);
      frames.push(frame);
    }
    for (let node = 0; node < this.#names.length; node++)
      series.exact.function(
        functions.at(node),
        this.#calls.at(node),
        this.#primitive.at(node),
        [this.#self.at(node)],
        [this.#inclusive.at(node)],
      );
    for (let arc = 0; arc < this.#caller.length; arc++)
      series.exact.call(
        functions.at(this.#caller.at(arc)),
        functions.at(this.#callee.at(arc)),
        NONE,
        this.#arcCalls.at(arc),
        [this.#arcCost.at(arc)],
      );
    spreadCallGraph(out, series, {
      frames: frames.view(),
      self: {
        length: this.#names.length,
        node: Int32Array.from(this.#names, (_, node) => node),
        frame: frames.view(),
        values: [this.#self.view()],
      },
      arcs: {
        length: this.#caller.length,
        caller: this.#caller.view(),
        callee: this.#callee.view(),
        values: [this.#arcCost.view()],
      },
      precision: this.precisionNs,
    });
  }

  /** The flat profile has functions that are not in the call graph, and rounds once instead of twice. */
  #addFlat(): void {
    const byName = new Map<string, Flat[]>();
    for (const row of this.#flat) {
      const rows = byName.get(row.name);
      if (rows) rows.push(row);
      else byName.set(row.name, [row]);
    }
    for (let node = 0; node < this.#names.length; node++) {
      const rows = byName.get(this.#names[node] ?? "");
      if (rows?.length !== 1) {
        if (rows) for (const row of rows) row.isUsed = true;
        continue;
      }
      const [row] = rows;
      if (!row || row.isUsed) continue;
      row.isUsed = true;
      const before = this.#self.at(node);
      this.#self.set(node, row.self);
      if (this.#isEntry[node]) this.#inclusive.set(node, this.#inclusive.at(node) - before + row.self);
      else this.#inclusive.set(node, row.self);
      if (Number.isNaN(this.#calls.at(node))) this.#calls.set(node, row.calls);
    }
    for (const row of this.#flat) {
      if (row.isUsed) continue;
      const node = this.#add(row.name);
      this.#self.set(node, row.self);
      this.#inclusive.set(node, row.self);
      this.#calls.set(node, row.calls);
    }
  }
}

/** `gprof -l` writes places behind names: `burn_a (cpu.cpp:12 @ 401136)`. */
function placeOf(out: ProfileBuilder, text: string): { readonly row: number; readonly frame: number } {
  const [, name = text, file, line, address] =
    /^(.*) \(([^()]+):(\d{1,9}) @ ([0-9a-f]{1,13})\)$/.exec(text) ?? [];
  const row = out.function({
    name: out.string(name),
    kind: "native",
    ...(file !== undefined && { file: out.string(file) }),
  });
  const value = address === undefined ? NONE : Number.parseInt(address, 16);
  const frame = out.frame({
    function: row,
    ...(line !== undefined && { line: Number(line) }),
    ...(value !== NONE && {
      addressHigh: Math.floor(value / 2 ** 32),
      addressLow: (value % 2 ** 32) >>> 0,
    }),
  });
  return { row, frame };
}
