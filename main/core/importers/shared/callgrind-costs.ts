import { type LabelSpec, NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { float64, type Growable, int32 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import { spreadCallGraph } from "./call-graph.ts";

const addTo = (columns: readonly Growable<Float64Array>[], row: number, values: ArrayLike<number>): void => {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Growable<Float64Array>;
    if (row === column.length) column.push(values[i] ?? 0);
    else column.set(row, column.at(row) + (values[i] ?? 0));
  }
};

const columnsOf = (count: number): readonly Growable<Float64Array>[] =>
  Array.from({ length: count }, () => float64());

const viewsOf = (columns: readonly Growable<Float64Array>[]): readonly Float64Array[] =>
  columns.map((column) => column.view());

/** What one part of a file says: costs by place, and calls. */
export class CallgrindPart {
  readonly #firstRow = int32();
  readonly #otherRows = new RowInterner(2);
  readonly #otherRow = int32();
  readonly #rowNode = int32();
  readonly #rowFrame = int32();
  readonly #rowValues: readonly Growable<Float64Array>[];
  readonly #arcs = new RowInterner(2);
  readonly #arcCaller = int32();
  readonly #arcCallee = int32();
  readonly #arcValues: readonly Growable<Float64Array>[];
  readonly totals: Float64Array;

  constructor(width: number) {
    this.#rowValues = columnsOf(width);
    this.#arcValues = columnsOf(width);
    this.totals = new Float64Array(width);
  }

  /** `home` is the function whose code it is, `frame` where it stands: perhaps inlined from another file. */
  self(home: number, frame: number, costs: Float64Array): void {
    addTo(this.#rowValues, this.#row(home, frame), costs);
    for (let i = 0; i < costs.length; i++) {
      this.totals[i] = (this.totals[i] as number) + (costs[i] as number);
    }
  }

  /** A frame is nearly always of one function: then a list says its row, and no table is searched. */
  #row(home: number, frame: number): number {
    while (this.#firstRow.length <= frame) this.#firstRow.push(NONE);
    const first = this.#firstRow.at(frame);
    if (first !== NONE && this.#rowNode.at(first) === home) return first;
    if (first !== NONE) {
      const other = this.#otherRows.internPair(home, frame);
      if (other < this.#otherRow.length) return this.#otherRow.at(other);
      this.#otherRow.push(this.#rowNode.length);
    } else this.#firstRow.set(frame, this.#rowNode.length);
    this.#rowFrame.push(frame);
    return this.#rowNode.push(home);
  }

  call(home: number, callee: number, costs: Float64Array): void {
    const arc = this.#arcs.internPair(home, callee);
    if (arc === this.#arcCaller.length) {
      this.#arcCaller.push(home);
      this.#arcCallee.push(callee);
    }
    addTo(this.#arcValues, arc, costs);
  }

  get isEmpty(): boolean {
    return this.#rowNode.length === 0 && this.#arcCaller.length === 0;
  }

  spread(
    out: ProfileBuilder,
    series: SeriesBuilder,
    frames: ArrayLike<number>,
    thread: number,
    labels: readonly LabelSpec[],
  ): void {
    spreadCallGraph(
      out,
      series,
      {
        frames,
        self: {
          length: this.#rowNode.length,
          node: this.#rowNode.view(),
          frame: this.#rowFrame.view(),
          values: viewsOf(this.#rowValues),
        },
        arcs: {
          length: this.#arcCaller.length,
          caller: this.#arcCaller.view(),
          callee: this.#arcCallee.view(),
          values: viewsOf(this.#arcValues),
        },
      },
      { thread, labels: out.labelSet(labels) },
    );
  }
}

/**
 * Exact costs in the way of `callgrind_annotate --inclusive=yes`: a function is a file and a name; code inlined from
 * another file is a function of that file; a function that is called costs what its calls cost in all, another what it
 * and its calls cost.
 */
export class CallgrindExact {
  readonly #self: readonly Growable<Float64Array>[];
  readonly #called: readonly Growable<Float64Array>[];
  readonly #calling: readonly Growable<Float64Array>[];
  readonly #calls = float64();
  /** The part, from 1, in which a function was first called; 0 for none. */
  readonly #calledSince = int32();
  #part = 1;
  readonly #arcs = new RowInterner(3);
  readonly #arcCaller = int32();
  readonly #arcCallee = int32();
  readonly #arcLine = int32();
  readonly #arcCalls = float64();
  readonly #arcValues: readonly Growable<Float64Array>[];
  readonly #width: number;
  readonly #none: Float64Array;

  constructor(width: number) {
    this.#width = width;
    this.#none = new Float64Array(width);
    this.#self = columnsOf(width);
    this.#called = columnsOf(width);
    this.#calling = columnsOf(width);
    this.#arcValues = columnsOf(width);
  }

  /** Functions are numbered without gaps. */
  #reach(index: number): void {
    while (this.#calls.length <= index) {
      const row = this.#calls.push(0);
      this.#calledSince.push(0);
      for (const columns of [this.#self, this.#called, this.#calling]) addTo(columns, row, this.#none);
    }
  }

  endPart(): void {
    this.#part++;
  }

  self(index: number, costs: Float64Array): void {
    this.#reach(index);
    addTo(this.#self, index, costs);
  }

  call(caller: number, callee: number, line: number, calls: number, costs: Float64Array): void {
    this.#reach(Math.max(caller, callee));
    addTo(this.#calling, caller, costs);
    // A call that began before this part has a count of 0. The tool leaves it out of what the callee costs; here it is
    // the rest of a call that an earlier part began to count.
    const since = this.#calledSince.at(callee);
    if (calls > 0 || (since !== 0 && since < this.#part)) addTo(this.#called, callee, costs);
    if (calls > 0 && since === 0) this.#calledSince.set(callee, this.#part);
    this.#calls.set(callee, this.#calls.at(callee) + calls);
    const arc = this.#arcs.intern(caller, callee, line);
    if (arc === this.#arcCaller.length) {
      this.#arcCaller.push(caller);
      this.#arcCallee.push(callee);
      this.#arcLine.push(line);
      this.#arcCalls.push(0);
    }
    this.#arcCalls.set(arc, this.#arcCalls.at(arc) + calls);
    addTo(this.#arcValues, arc, costs);
  }

  write(series: SeriesBuilder, functions: ArrayLike<number>): void {
    const values = new Float64Array(this.#width);
    const inclusive = new Float64Array(this.#width);
    const take = (columns: readonly Growable<Float64Array>[], row: number, into: Float64Array): void => {
      for (let i = 0; i < into.length; i++) into[i] = columns[i]?.at(row) ?? 0;
    };
    for (let index = 0; index < this.#calls.length; index++) {
      take(this.#self, index, values);
      if (this.#calledSince.at(index) !== 0) take(this.#called, index, inclusive);
      else {
        take(this.#calling, index, inclusive);
        for (let i = 0; i < this.#width; i++) inclusive[i] = (inclusive[i] as number) + (values[i] as number);
      }
      series.exact.function(functions[index] ?? NONE, this.#calls.at(index), Number.NaN, values, inclusive);
    }
    for (let arc = 0; arc < this.#arcCaller.length; arc++) {
      take(this.#arcValues, arc, values);
      series.exact.call(
        functions[this.#arcCaller.at(arc)] ?? NONE,
        functions[this.#arcCallee.at(arc)] ?? NONE,
        this.#arcLine.at(arc),
        this.#arcCalls.at(arc),
        values,
      );
    }
  }
}
