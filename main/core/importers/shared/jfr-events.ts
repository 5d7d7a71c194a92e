import { type LabelSpec, NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { float64, type Growable } from "../../model/growable.ts";
import type { ImportLimits } from "../importer.ts";
import type { JfrChunk } from "./jfr-chunk.ts";
import type { JfrConstants } from "./jfr-constants.ts";
import { type JfrClass, readNumber, skipField } from "./jfr-metadata.ts";
import type { OldObject } from "./jfr-old-objects.ts";
import {
  isMeasure,
  knownEvents,
  type Leaf,
  nsPer,
  type Plan,
  type PlannedValue,
  planOf,
  unitOf,
} from "./jfr-plans.ts";

/** Objects that are there, told anew by each dump: a state, not what happened. */
export const OLD_OBJECTS = "jdk.OldObjectSample";

const MAX_COUNTERS = 2000;
/** Sets that are kept: those with addresses nearly all differ. */
const MAX_SETS = 2_000_000;

/** Numbers over time; kept apart until all are known, for what people look at first is to come first. */
interface JfrCounter {
  readonly name: string;
  readonly unit: string;
  readonly times: Growable<Float64Array>;
  readonly values: Growable<Float64Array>;
}

/** What the chunks of a recording share. */
export interface JfrTotals {
  readonly out: ProfileBuilder;
  readonly limits: ImportLimits;
  process: number;
  /** Since the epoch: when the first chunk began. */
  readonly originNs: bigint;
  /** ns between two samples of a kind of event. */
  readonly periods: Map<string, number>;
  readonly series: Map<string, SeriesBuilder>;
  readonly counters: Map<string, JfrCounter>;
  /** Events that are kept nowhere, by class. */
  readonly leftOut: Map<string, number>;
  readonly oldObjects: OldObject[];
  rows: number;
  sets: number;
}

/** The events of one chunk as samples, intervals and counters. */
export class JfrEvents {
  readonly #totals: JfrTotals;
  readonly #chunk: JfrChunk;
  readonly #constants: JfrConstants;
  readonly #plans = new Map<number, Plan>();
  readonly #nsPerTick: number;
  readonly #startNs: number;
  /** The event that is read: a place a leaf. */
  #numbers = new Float64Array(16);
  #texts: string[] = [];
  #timeNs = 0;
  #durationNs = 0;
  #thread = NONE;
  #stack = NONE;
  /** Key of the constant that the object of the event is, 0 for none. */
  #object = 0;
  #root = "";

  constructor(totals: JfrTotals, chunk: JfrChunk, constants: JfrConstants) {
    const { startNs, ticksPerSecond } = chunk.header;
    this.#totals = totals;
    this.#chunk = chunk;
    this.#constants = constants;
    this.#nsPerTick = 1e9 / ticksPerSecond;
    this.#startNs = Number(startNs - totals.originNs);
  }

  read(type: JfrClass): void {
    const plan = this.#plan(type);
    const totals = this.#totals;
    if (totals.rows++ >= totals.limits.maxSamples) {
      totals.out.note(`Only the first ${totals.limits.maxSamples} events were read.`);
      return;
    }
    this.#leaves(plan);
    if (type.name === OLD_OBJECTS) {
      this.#oldObject(plan);
      return;
    }
    if (type.name === "jdk.ThreadStart" || type.name === "jdk.ThreadEnd") this.#life(type.name);
    if (plan.isCounter) {
      this.#count(plan);
      return;
    }
    const isSample = plan.series !== null && (plan.isKnown || this.#stack !== NONE);
    if (isSample) this.#sample(plan, plan.series?.values ?? []);
    if (this.#durationNs > 0) this.#interval(plan);
    else if (!isSample && plan.hasThread && !plan.hasText) this.#interval(plan);
    else if (!isSample) this.#leaveOut(type);
  }

  #plan(type: JfrClass): Plan {
    let plan = this.#plans.get(type.id);
    if (!plan) {
      plan = planOf(type);
      this.#plans.set(type.id, plan);
      if (plan.leaves.length > this.#numbers.length) this.#numbers = new Float64Array(plan.leaves.length);
    }
    return plan;
  }

  #leaves({ leaves }: Plan): void {
    const { reader } = this.#chunk;
    const constants = this.#constants;
    this.#timeNs = 0;
    this.#durationNs = 0;
    this.#thread = NONE;
    this.#stack = NONE;
    this.#object = 0;
    this.#root = "";
    for (let i = 0; i < leaves.length; i++) {
      const { role, field } = leaves[i] as Leaf;
      if (role === "start") this.#timeNs = this.#since(reader.long());
      else if (role === "duration") this.#durationNs = Math.max(0, reader.long() * this.#nsPerTick);
      else if (role === "thread") this.#thread = constants.thread(reader.long());
      else if (role === "stack") this.#stack = constants.stack(reader.long());
      else if (role === "constant" && field.type?.name === oldObjectType) this.#object = reader.long();
      else if (role === "constant" && field.type?.name === rootType)
        this.#root = constants.root(field.type, reader.long());
      else if (role === "constant") this.#texts[i] = constants.shown(field.type, reader.long());
      else if (role === "text") this.#texts[i] = constants.text();
      else if (role === "number") this.#numbers[i] = readNumber(reader, field.type?.name ?? "") ?? 0;
      else skipField(reader, field);
    }
  }

  #oldObject(plan: Plan): void {
    const { leaves } = plan;
    const value = (name: string): number => {
      const at = leaves.findIndex((leaf) => leaf.name === name && leaf.role === "number");
      return at === -1 ? 0 : this.#valueOf(plan, at);
    };
    const bornNs = value("allocationTime");
    const { type, keptBy } = this.#constants.oldObject(this.#object);
    const elements = value("arrayElements");
    const toldBytes = value("objectSize");
    this.#totals.out.seen(this.#timeNs);
    this.#totals.oldObjects.push({
      toldNs: this.#timeNs,
      bornNs,
      allocatedNs: this.#since(bornNs / this.#nsPerTick),
      thread: this.#thread,
      stack: this.#stack,
      sizeBytes: toldBytes || leastBytes(type, elements),
      isSizeTold: toldBytes > 0,
      type,
      elements,
      heapBytes: value("lastKnownHeapUsage"),
      keptBy: [keptBy, this.#root].filter((part) => part !== "").join(" ← "),
    });
  }

  #since(ticks: number): number {
    const { startTicks } = this.#chunk.header;
    return Math.max(0, this.#startNs + (ticks - startTicks) * this.#nsPerTick);
  }

  /** Makes the series of the best-known events in their order, where there are such events. */
  prepare(seen: ReadonlySet<string>): void {
    const types = new Map([...this.#chunk.classes.values()].map((type) => [type.name, type]));
    for (const name of Object.keys(knownEvents)) {
      const type = seen.has(name) ? types.get(name) : undefined;
      const plan = type && this.#plan(type);
      if (plan?.series) this.#series(plan, plan.series.values);
    }
  }

  #series(plan: Plan, values: readonly PlannedValue[]): SeriesBuilder {
    const { out, series: all, periods } = this.#totals;
    const { type } = plan;
    let series = all.get(type.name);
    if (!series) {
      series = out.series({
        id: type.name,
        name: type.label || type.name,
        kind: plan.series?.kind ?? "other",
        timed: true,
        values: [
          // What the file does not say the period of is only counted.
          ...values.filter((each) => each.leaf !== PERIOD || periods.has(type.name)),
          { name: "events", unit: "count", counted: true },
        ],
      });
      all.set(type.name, series);
    }
    return series;
  }

  #sample(plan: Plan, values: readonly PlannedValue[]): void {
    const { out, periods } = this.#totals;
    const { type } = plan;
    const series = this.#series(plan, values);
    const row: number[] = [];
    for (const { leaf } of values) {
      if (leaf !== PERIOD) row.push(leaf === DURATION ? this.#durationNs : this.#valueOf(plan, leaf));
      else if (series.columns.length > values.length)
        row.push((periods.get(type.name) ?? 0) * this.#samples(plan));
    }
    out.seen(this.#timeNs + this.#durationNs);
    series.addValues(this.#timeNs, this.#thread, this.#stack, row, this.#labels(plan));
  }

  /** async-profiler writes one event for many samples of a thread that did not move. */
  #samples({ leaves }: Plan): number {
    const index = leaves.findIndex(({ name, role }) => name === "samples" && role === "number");
    return index === -1 ? 1 : Math.max(1, this.#numbers[index] as number);
  }

  #valueOf({ leaves }: Plan, leaf: number): number {
    const value = this.#numbers[leaf] as number;
    const unit = leaves[leaf]?.field.unit ?? "";
    return unit === "" || unit === "BYTES" ? value : value * nsPer(unit, this.#nsPerTick);
  }

  #interval(plan: Plan): void {
    const { out } = this.#totals;
    const { type } = plan;
    out.interval({
      start: this.#timeNs,
      end: this.#timeNs + this.#durationNs,
      thread: this.#thread,
      category: out.string(type.name),
      name: out.string(type.label || type.name),
      stack: this.#stack,
      args: this.#args(plan),
    });
  }

  /** Everything else that the event says. */
  #details(plan: Plan, withValues: boolean, give: (leaf: Leaf, value: string | number) => void): void {
    const { leaves, series } = plan;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i] as Leaf;
      if (leaf.role === "text" || leaf.role === "constant") {
        const text = this.#texts[i] ?? "";
        if (text !== "") give(leaf, text);
      } else if (leaf.role === "number") {
        const isValue = series?.values.some((value) => value.leaf === i) ?? false;
        if (withValues || !isValue) give(leaf, this.#valueOf(plan, i));
      }
    }
  }

  #labels(plan: Plan): number {
    const { out } = this.#totals;
    const labels: LabelSpec[] = [];
    this.#details(plan, false, ({ name, field }, value) => {
      const key = out.string(name);
      const unit = unitOf(field);
      if (typeof value === "string") labels.push({ key, text: out.string(value) });
      else labels.push({ key, number: value, ...(unit !== "count" && { unit: out.string(unit) }) });
    });
    if (labels.length === 0) return NONE;
    if (this.#totals.sets++ < MAX_SETS) return out.labelSet(labels);
    out.note(`Only the details of the first ${MAX_SETS} events were kept.`);
    return NONE;
  }

  /** The same as JSON, as intervals have it. */
  #args(plan: Plan): number {
    const args: [string, string | number][] = [];
    this.#details(plan, true, ({ name }, value) => {
      args.push([name, value]);
    });
    if (args.length === 0 || this.#totals.sets++ >= MAX_SETS) return NONE;
    return this.#totals.out.string(JSON.stringify(Object.fromEntries(args)));
  }

  #count(plan: Plan): void {
    const { out, counters } = this.#totals;
    const { type, leaves } = plan;
    const about = leaves.findIndex(({ role, name }) => role === "constant" && name !== "when");
    const what = about === -1 ? "" : ` (${this.#texts[about] ?? ""})`;
    for (const [i, leaf] of leaves.entries()) {
      if (!isMeasure(leaf)) continue;
      const id = `${type.name}.${leaf.name}${what}`;
      let counter = counters.get(id);
      if (!counter) {
        if (counters.size === MAX_COUNTERS) {
          out.note(`Only the first ${MAX_COUNTERS} counters were kept.`);
          return;
        }
        const name = `${type.label || type.name}: ${leaf.name}${what}`;
        counter = { name, unit: unitOf(leaf.field), times: float64(), values: float64() };
        counters.set(id, counter);
      }
      counter.times.push(this.#timeNs);
      counter.values.push(this.#valueOf(plan, i));
    }
  }

  #life(name: string): void {
    if (this.#thread === NONE) return;
    const isStart = name === "jdk.ThreadStart";
    this.#totals.out.threadLife(
      this.#thread,
      isStart ? this.#timeNs : Number.NaN,
      isStart ? Number.NaN : this.#timeNs,
    );
  }

  #leaveOut({ name }: JfrClass): void {
    // It is the profile's own description.
    if (name === "jdk.JVMInformation") return;
    const { leftOut } = this.#totals;
    leftOut.set(name, (leftOut.get(name) ?? 0) + 1);
  }
}

/** Writes the counters: the heap and the CPU first, then the others as they came. */
export function writeCounters({ out, counters }: JfrTotals): void {
  const rank = (id: string): number => {
    const index = firstCounters.findIndex((start) => id.startsWith(start));
    return index === -1 ? firstCounters.length : index;
  };
  const sorted = [...counters].sort(([a], [b]) => rank(a) - rank(b));
  for (const [id, { name, unit, times, values }] of sorted)
    for (let i = 0; i < times.length; i++) out.counter(id, name, unit, times.at(i), values.at(i));
}

const firstCounters: readonly string[] = [
  "jdk.GCHeapSummary.heapUsed",
  "jdk.GCHeapSummary.heapSpace.committedSize",
  "jdk.ResidentSetSize.",
  "jdk.PhysicalMemory.",
  "jdk.CPULoad.",
  "jdk.JavaThreadStatistics.activeCount",
  "jdk.MetaspaceSummary.metaspace.used",
];

const oldObjectType = "jdk.types.OldObject";
const rootType = "jdk.types.OldObjectGcRoot";

const elementBytes: Readonly<Record<string, number>> = {
  byte: 1,
  boolean: 1,
  char: 2,
  short: 2,
  long: 8,
  double: 8,
};

/** Not every JVM tells sizes (17 does not): that of an array follows from its length, and no object is smaller than its head. */
const leastBytes = (type: string, elements: number): number =>
  elements < 0 ? 16 : 16 + elements * (elementBytes[type.replace(/\[\]$/, "")] ?? 4);

const DURATION = -1;
const PERIOD = -2;
