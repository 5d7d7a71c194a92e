import { ExactBuilder } from "./exact-builder.ts";
import { float64, type Growable, int32 } from "./growable.ts";
import type { Counter, Series, SeriesKind } from "./profile.ts";

/** The index of nothing. */
export const NONE = -1;

export interface SeriesSpec {
  readonly id: string;
  readonly name?: string;
  readonly kind: SeriesKind;
  readonly timed: boolean;
  /** `counted: true`: no column, every sample counts 1. */
  readonly values: readonly { readonly name: string; readonly unit: string; readonly counted?: boolean }[];
}

/** The columns of one series while it is being filled. */
export class SeriesBuilder {
  readonly spec: SeriesSpec;
  readonly time: Growable<Float64Array> | null;
  readonly thread = int32();
  readonly stack = int32();
  readonly #labels = int32();
  #labelled = false;
  readonly columns: readonly (Growable<Float64Array> | null)[];
  #exact: ExactBuilder | null = null;

  constructor(spec: SeriesSpec) {
    if (spec.values.length === 0) throw new RangeError("a series has at least one value");
    this.spec = spec;
    this.time = spec.timed ? float64() : null;
    this.columns = spec.values.map((value) => (value.counted ? null : float64()));
  }

  get length(): number {
    return this.stack.length;
  }

  /** One sample; `first` and `second` are its values in the order of the spec (ignored where counted). */
  add(timeNs: number, thread: number, stack: number, first = 1, second = 0, labels = NONE): void {
    this.time?.push(timeNs);
    if (labels !== NONE || this.#labelled) this.#label(labels);
    this.thread.push(thread);
    this.stack.push(stack);
    const columns = this.columns;
    columns[0]?.push(first);
    if (columns.length > 1) columns[1]?.push(second);
    for (let i = 2; i < columns.length; i++) columns[i]?.push(0);
  }

  /** One sample of a series with any number of values. */
  addValues(timeNs: number, thread: number, stack: number, values: readonly number[], labels = NONE): void {
    this.time?.push(timeNs);
    if (labels !== NONE || this.#labelled) this.#label(labels);
    this.thread.push(thread);
    this.stack.push(stack);
    for (let i = 0; i < this.columns.length; i++) this.columns[i]?.push(values[i] ?? 0);
  }

  /** Puts the samples in the order of their times; those of one time stay as they came. */
  sortByTime(): void {
    const times = this.time?.view();
    if (!times || isAscending(times)) return;
    const order = new Uint32Array(times.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    for (const column of [this.time, ...this.columns]) column?.reorder(order);
    for (const column of [this.thread, this.stack]) column.reorder(order);
    if (this.#labelled) this.#labels.reorder(order);
  }

  /** Gives samples other labels: for what is known only at the end. */
  relabel(labelsOf: (thread: number, labels: number) => number): void {
    const before = this.#labelled ? this.#labels.view().slice() : null;
    this.#labels.clear();
    this.#labelled = false;
    for (let row = 0; row < this.length; row++) {
      const labels = labelsOf(this.thread.at(row), before?.[row] ?? NONE);
      if (labels !== NONE && !this.#labelled) {
        this.#labelled = true;
        for (let i = row; i > 0; i--) this.#labels.push(NONE);
      }
      if (this.#labelled) this.#labels.push(labels);
    }
  }

  /** Many samples of one thread, whose columns are given away; `first` are their first values, the others are 0. */
  adopt(time: Float64Array | null, thread: number, stack: Int32Array, first: Float64Array): void {
    const count = stack.length;
    if (this.#labelled) for (let i = 0; i < count; i++) this.#labels.push(NONE);
    this.time?.adopt(time ?? new Float64Array(count));
    this.thread.adopt(new Int32Array(count).fill(thread));
    this.stack.adopt(stack);
    for (const [i, column] of this.columns.entries())
      column?.adopt(i === 0 ? first : new Float64Array(count));
  }

  /** There is no column of labels before there is a label. Called before its sample is added. */
  #label(labels: number): void {
    if (!this.#labelled) for (let i = this.length; i > 0; i--) this.#labels.push(NONE);
    this.#labelled = true;
    this.#labels.push(labels);
  }

  /** What the file itself says of calls and functions, for formats that have no stacks. */
  get exact(): ExactBuilder {
    this.#exact ??= new ExactBuilder(this.spec.values.length);
    return this.#exact;
  }

  view(): Series {
    const { id, name, kind, values } = this.spec;
    return {
      id,
      name: name ?? id,
      kind,
      length: this.length,
      time: this.time?.view() ?? null,
      thread: this.thread.view(),
      stack: this.stack.view(),
      labels: this.#labelled ? this.#labels.view() : null,
      values: values.map((value, i) => ({
        name: value.name,
        unit: value.unit,
        data: this.columns[i]?.view() ?? null,
      })),
      exact: this.#exact?.view() ?? null,
    };
  }
}

function isAscending(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i++) if ((times[i] as number) < (times[i - 1] as number)) return false;
  return true;
}

/** The columns of one counter while it is being filled. */
export class CounterBuilder {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly time = float64();
  readonly value = float64();

  constructor(id: string, name: string, unit: string) {
    this.id = id;
    this.name = name;
    this.unit = unit;
  }

  view(): Counter {
    const { id, name, unit } = this;
    return { id, name, unit, length: this.time.length, time: this.time.view(), value: this.value.view() };
  }
}
