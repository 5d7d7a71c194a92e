import { textOf } from "../../bytes/ascii.ts";
import { ByteInterner } from "../../bytes/byte-interner.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import { eventUnit, kindOfEvent } from "./perf-events.ts";
import type { PerfHeader } from "./perf-header.ts";

/** Texts that are kept of tracepoints: nearly every one differs, and a Map of strings has an end. */
const MAX_TEXTS = 2_000_000;

interface EventSeries {
  readonly series: SeriesBuilder;
  readonly hasPeriod: boolean;
}

interface LabelParts {
  readonly cpu: number;
  /** String indices, or NONE. */
  readonly text: number;
  readonly name: number;
  readonly isAddress: boolean;
}

const noParts = { cpu: -1, text: NONE, isAddress: false };

/** One series an event of `perf script` text, and the labels of its samples. */
export class PerfSamples {
  readonly #out: ProfileBuilder;
  readonly #events = new ByteInterner();
  readonly #series: EventSeries[] = [];
  readonly #texts = new ByteInterner();
  readonly #textIndex = int32();
  readonly #labels = new RowInterner(4);
  readonly #labelSet = int32();
  /** What the row of labels was made from, for those that get a name later. */
  readonly #parts: Omit<LabelParts, "name">[] = [];

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** Series of a header line's event, made when it is first seen: its period column depends on that line. */
  event(bytes: Uint8Array, header: PerfHeader): number {
    const { eventStart, eventEnd, hasTime, period } = header;
    const event = this.#events.intern(bytes, eventStart, eventEnd);
    if (event === this.#series.length) {
      const name = textOf(bytes, eventStart, eventEnd);
      this.#series.push(this.#newSeries(name === "" ? "samples" : name, hasTime, period));
    }
    return event;
  }

  #newSeries(name: string, timed: boolean, period: number): EventSeries {
    const out = this.#out;
    const counted = { name: "samples", unit: "samples", counted: true };
    const unit = eventUnit(name);
    const hasPeriod = period >= 0;
    if (hasPeriod && unit === "nanoseconds" && period > 0 && out.snapshot().meta.periodNs === -1) {
      out.meta({ periodNs: period });
    }
    const values = hasPeriod ? [{ name: "period", unit }, counted] : [counted];
    // Names that differ in bytes which are no text look the same.
    let id = name;
    for (let i = 2; out.findSeries(id); i++) id = `${name} (${i})`;
    return { series: out.series({ id, name, kind: kindOfEvent(name), timed, values }), hasPeriod };
  }

  /** Label set of a sample: its CPU, what a tracepoint says, the address that it is about. */
  labels(
    bytes: Uint8Array,
    cpu: number,
    name: number,
    textStart: number,
    textEnd: number,
    isAddress: boolean,
  ): number {
    if (cpu === -1 && name === NONE && textStart >= textEnd) return NONE;
    const text = textStart < textEnd ? this.#text(bytes, textStart, textEnd) : NONE;
    return this.#labelsOf({ cpu, text, isAddress, name });
  }

  #labelsOf({ cpu, text, isAddress, name }: LabelParts): number {
    const row = this.#labels.intern(cpu, text, isAddress ? 1 : 0, name);
    if (row < this.#labelSet.length) return this.#labelSet.at(row);
    const out = this.#out;
    const labels = [];
    if (name !== NONE) labels.push({ key: out.string("comm"), text: name });
    if (cpu !== -1) labels.push({ key: out.string("cpu"), number: cpu });
    if (text !== NONE) labels.push({ key: out.string(isAddress ? "address" : "arguments"), text });
    const set = out.labelSet(labels);
    this.#labelSet.push(set);
    if (name === NONE) this.#parts[set] = { cpu, text, isAddress };
    return set;
  }

  /**
   * Samples of threads that have had several names say which one it was, also those that came before the second. One
   * pass over the samples, and only where there are such threads.
   */
  nameRenamed(firstNames: ReadonlyMap<number, number>): void {
    if (firstNames.size === 0) return;
    for (const { series } of this.#series)
      series.relabel((thread, set) => {
        const name = firstNames.get(thread);
        const parts = set === NONE ? noParts : this.#parts[set];
        return name === undefined || parts === undefined ? set : this.#labelsOf({ ...parts, name });
      });
  }

  #text(bytes: Uint8Array, start: number, end: number): number {
    if (this.#texts.length >= MAX_TEXTS) {
      this.#out.note(`Only the first ${MAX_TEXTS} different arguments of tracepoints were kept.`);
      return NONE;
    }
    const index = this.#texts.intern(bytes, start, end);
    if (index === this.#textIndex.length) this.#textIndex.push(this.#out.string(textOf(bytes, start, end)));
    return this.#textIndex.at(index);
  }

  add(event: number, timeNs: number, thread: number, stack: number, period: number, labels: number): void {
    const { series, hasPeriod } = this.#series[event] as EventSeries;
    if (hasPeriod && period < 0) this.#out.note("Some samples have no period and count as 0.");
    series.add(timeNs, thread, stack, hasPeriod ? Math.max(period, 0) : 1, 1, labels);
  }
}
