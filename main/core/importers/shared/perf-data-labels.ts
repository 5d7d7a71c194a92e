import type { EndianReader } from "../../bytes/endian.ts";
import { type LabelSpec, NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { PerfEvent } from "./perf-data-attr.ts";
import type { PerfSample } from "./perf-data-sample.ts";
import { fieldValue, type TraceFormat, type TracingData } from "./perf-data-tracing.ts";

/** Sets that are kept: those of tracepoints nearly all differ. */
const MAX_SETS = 2_000_000;
const TRACEPOINT = 2;

/** What a sample says besides its stack: the CPU, the address it is about, the fields of a tracepoint. */
export class PerfDataLabels {
  readonly #out: ProfileBuilder;
  readonly #tracing: TracingData;
  readonly #byCpu = new Map<number, number>();
  /** The CPU of those sets that say nothing else. */
  readonly #cpuOf = new Map<number, number>();
  readonly #cpu: number;
  #sets = 0;

  constructor(out: ProfileBuilder, tracing: TracingData) {
    this.#out = out;
    this.#tracing = tracing;
    this.#cpu = out.string("cpu");
  }

  /** `name`: string index of the thread's, where it is not its first, or NONE. */
  of(reader: EndianReader, event: PerfEvent, sample: PerfSample, name: number): number {
    const format = event.type === TRACEPOINT ? this.#tracing.formats.get(event.configLow) : undefined;
    if (!format && !hasMore(sample)) return this.named(this.#cpuOnly(sample.cpu), name);
    if (this.#sets++ >= MAX_SETS) {
      this.#out.note(`Only the labels of the first ${MAX_SETS} samples were kept.`);
      return this.#cpuOnly(sample.cpu);
    }
    const labels: LabelSpec[] = [];
    if (name !== NONE) labels.push({ key: this.#out.string("comm"), text: name });
    if (sample.cpu !== -1) labels.push({ key: this.#cpu, number: sample.cpu });
    if (hasMore(sample)) this.#memory(labels, sample);
    if (format && sample.rawAt > 0) this.#fields(labels, reader, format, sample);
    return this.#out.labelSet(labels);
  }

  /** The set with the name of a thread besides; as it is where it says more than the CPU. */
  named(set: number, name: number): number {
    const cpu = set === NONE ? -1 : this.#cpuOf.get(set);
    if (name === NONE || cpu === undefined) return set;
    const labels: LabelSpec[] = [{ key: this.#out.string("comm"), text: name }];
    if (cpu !== -1) labels.push({ key: this.#cpu, number: cpu });
    return this.#out.labelSet(labels);
  }

  /** A field of a tracepoint's sample, as its labels say it. */
  field(reader: EndianReader, event: PerfEvent, sample: PerfSample, name: string): string | number | null {
    const field = this.#tracing.formats.get(event.configLow)?.fields.find((one) => one.name === name);
    if (!field || sample.rawAt === 0) return null;
    const value = fieldValue(reader, sample.rawAt, sample.rawBytes, field);
    return name === "prev_state" && typeof value === "number" ? taskState(value) : value;
  }

  /** A field that is an array of 64-bit words. */
  words(reader: EndianReader, event: PerfEvent, sample: PerfSample, name: string): readonly string[] {
    const field = this.#tracing.formats.get(event.configLow)?.fields.find((one) => one.name === name);
    if (!field || field.offset + field.sizeBytes > sample.rawBytes) return [];
    const at = sample.rawAt + field.offset;
    return Array.from({ length: field.sizeBytes / 8 }, (_, i) => {
      const high = reader.high(at + 8 * i);
      const low = reader.low(at + 8 * i);
      return high === 0 ? String(low) : `0x${high.toString(16)}${low.toString(16).padStart(8, "0")}`;
    });
  }

  #cpuOnly(cpu: number): number {
    if (cpu === -1) return NONE;
    let set = this.#byCpu.get(cpu);
    if (set === undefined) {
      set = this.#out.labelSet([{ key: this.#cpu, number: cpu }]);
      this.#byCpu.set(cpu, set);
      this.#cpuOf.set(set, cpu);
    }
    return set;
  }

  #memory(labels: LabelSpec[], sample: PerfSample): void {
    const text = (key: string, high: number, low: number): void => {
      if (high !== 0 || low !== 0)
        labels.push({ key: this.#out.string(key), text: this.#out.string(hexOf(high, low)) });
    };
    text("address", sample.addressHigh, sample.addressLow);
    if (isAccess(sample)) text("data source", sample.dataSourceHigh, sample.dataSourceLow);
    text("physical address", sample.physicalHigh, sample.physicalLow);
    if (!Number.isNaN(sample.weight)) labels.push({ key: this.#out.string("weight"), number: sample.weight });
    if (sample.cgroup !== 0) labels.push({ key: this.#out.string("cgroup"), number: sample.cgroup });
  }

  #fields(labels: LabelSpec[], reader: EndianReader, format: TraceFormat, sample: PerfSample): void {
    const out = this.#out;
    for (const field of format.fields) {
      const value = fieldValue(reader, sample.rawAt, sample.rawBytes, field);
      if (value === null) continue;
      const key = out.string(field.name);
      if (typeof value === "string") labels.push({ key, text: out.string(value) });
      else if (field.name === "prev_state") labels.push({ key, text: out.string(taskState(value)) });
      else labels.push({ key, number: value });
    }
  }
}

/** PERF_MEM_OP_NA: the sample is not about an access to memory. */
const isAccess = (sample: PerfSample): boolean =>
  sample.dataSourceLow !== 0 && (sample.dataSourceLow & 0x1f) !== 1;

const hasMore = (sample: PerfSample): boolean =>
  sample.addressLow !== 0 ||
  sample.addressHigh !== 0 ||
  !Number.isNaN(sample.weight) ||
  isAccess(sample) ||
  sample.physicalLow !== 0 ||
  sample.cgroup !== 0;

const hexOf = (high: number, low: number): string =>
  high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");

/** A task's state as letters, as the print format of sched_switch has them: 0 is "R", 1 "S"; 256 adds "+". */
function taskState(state: number): string {
  const letters = ["S", "D", "T", "t", "X", "Z", "P", "I"].filter((_, bit) => (state >> bit) & 1);
  return (letters.join("|") || "R") + (state & 256 ? "+" : "");
}
