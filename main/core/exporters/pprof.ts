import { NONE } from "../model/builder.ts";
import type { Profile } from "../model/profile.ts";
import type { Exporter } from "./exporter.ts";
import { type PprofLocations, pprofLocations } from "./shared/pprof-locations.ts";
import { type PprofRows, type PprofType, pprofNames, pprofRows } from "./shared/pprof-values.ts";
import { ProtobufWriter } from "./shared/protobuf-writer.ts";
import { selectedProfile } from "./shared/selected-profile.ts";

/**
 * profile.proto, not compressed: `go tool pprof` reads it with and without gzip. Threads are labels, as perf_to_profile
 * writes them. https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export const pprof: Exporter = {
  id: "pprof",
  title: "pprof",
  purpose: "For go tool pprof and all that reads its files: every value, thread and label.",
  extension: "pb",
  mimeType: "application/x-protobuf",
  write: (request) => new PprofFile(selectedProfile(request)).chunks(),
};

const CHUNK_BYTES = 1 << 16;

/** Numbers of the fields of a Profile. */
const field = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
} as const;

/** Rows of our tables by the number they have in the file, counted from 1 in the order in which they are needed. */
class Numbers {
  readonly #numbers = new Map<number, number>();

  of(row: number): number {
    let number = this.#numbers.get(row);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(row, number);
    }
    return number;
  }

  get rows(): Iterable<number> {
    return this.#numbers.keys();
  }
}

class PprofFile {
  readonly #profile: Profile;
  readonly #places: PprofLocations;
  readonly #out = new ProtobufWriter();
  readonly #message = new ProtobufWriter();
  readonly #inner = new ProtobufWriter();
  readonly #strings = new Map<string, number>([["", 0]]);
  readonly #locations = new Numbers();
  readonly #functions = new Numbers();
  readonly #mappings = new Numbers();

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#places = pprofLocations(profile);
  }

  *chunks(): Iterable<Uint8Array> {
    const names = pprofNames(this.#profile);
    const parts = this.#profile.series.map((series, i) => pprofRows(series, names[i], i === 0));
    const types = parts.flatMap((part) => part.types);
    this.#head(types.length > 0 ? types : [{ name: "samples", unit: "count" }]);
    let before = 0;
    for (const part of parts) {
      for (let row = 0; row < part.length; row++) {
        this.#sample(part, row, before, types.length);
        if (this.#out.length > CHUNK_BYTES) yield this.#out.take();
      }
      before += part.types.length;
    }
    for (const location of this.#locations.rows) {
      this.#location(location);
      if (this.#out.length > CHUNK_BYTES) yield this.#out.take();
    }
    for (const row of this.#functions.rows) {
      this.#function(row);
      if (this.#out.length > CHUNK_BYTES) yield this.#out.take();
    }
    for (const row of this.#mappings.rows) this.#mapping(row);
    for (const text of this.#strings.keys()) {
      this.#out.text(field.string, text);
      if (this.#out.length > CHUNK_BYTES) yield this.#out.take();
    }
    yield this.#out.take();
  }

  #string(text: string): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
    }
    return index;
  }

  #text(index: number): number {
    return index === NONE ? 0 : this.#string(this.#profile.strings[index] ?? "");
  }

  #head(types: readonly PprofType[]): void {
    const { startedAtMs, durationNs, periodNs, command } = this.#profile.meta;
    for (const type of types) this.#type(field.sampleType, type);
    if (startedAtMs > 0) this.#out.number64(field.timeNanos, BigInt(Math.round(startedAtMs * 1e3)) * 1000n);
    this.#out.number(field.durationNanos, Math.round(durationNs));
    if (periodNs > 0) {
      this.#type(field.periodType, { name: "cpu", unit: "nanoseconds" });
      this.#out.number(field.period, Math.round(periodNs));
    }
    if (command !== "") this.#out.number(field.comment, this.#string(command));
    this.#out.number(field.defaultSampleType, this.#string(types[0]?.name ?? ""));
  }

  #type(at: number, { name, unit }: PprofType): void {
    this.#message.number(1, this.#string(name));
    this.#message.number(2, this.#string(unit));
    this.#out.message(at, this.#message);
  }

  #sample(part: PprofRows, row: number, before: number, types: number): void {
    const { of, caller } = this.#places;
    const sample = this.#message;
    for (let stack = part.stack[row]; stack !== NONE; stack = caller[stack])
      this.#inner.varint(this.#locations.of(of[stack]));
    if (this.#inner.length > 0) sample.message(1, this.#inner);
    for (let type = 0; type < types; type++) {
      const column = type - before;
      const isOwn = column >= 0 && column < part.columns.length;
      this.#inner.varint(isOwn ? (part.columns[column]?.[row] ?? 1) : 0);
    }
    sample.message(2, this.#inner);
    this.#threadLabels(part.thread[row]);
    this.#labels(part.labels === null ? NONE : part.labels[row]);
    this.#out.message(field.sample, sample);
  }

  #threadLabels(thread: number): void {
    if (thread === NONE) return;
    const { threads, processes, strings } = this.#profile;
    const name = strings[threads.name[thread]] ?? "";
    this.#numberLabel("pid", processes.pid[threads.process[thread]] ?? NONE, "");
    this.#numberLabel("tid", threads.tid[thread], "");
    if (name !== "") this.#textLabel("thread", name);
  }

  #labels(set: number): void {
    if (set === NONE) return;
    const { labels, strings } = this.#profile;
    for (let row = this.#firstLabel(set); row < labels.length && labels.set[row] === set; row++) {
      const key = strings[labels.key[row]] ?? "";
      if (labels.text[row] !== NONE) this.#textLabel(key, strings[labels.text[row]] ?? "");
      else this.#numberLabel(key, labels.number[row], strings[labels.unit[row]] ?? "");
    }
  }

  /** Rows of sets are in order. */
  #firstLabel(set: number): number {
    const { set: sets } = this.#profile.labels;
    let from = 0;
    let to = sets.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (sets[middle] < set) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #textLabel(key: string, text: string): void {
    this.#inner.number(1, this.#string(key));
    this.#inner.number(2, this.#string(text));
    this.#message.message(3, this.#inner);
  }

  #numberLabel(key: string, value: number, unit: string): void {
    this.#inner.number(1, this.#string(key));
    this.#inner.number(3, Number.isFinite(value) ? Math.round(value) : 0);
    this.#inner.number(4, this.#string(unit));
    this.#message.message(3, this.#inner);
  }

  #location(location: number): void {
    const { frames, functions } = this.#profile;
    const rows = this.#places.framesOf(location);
    const outermost = rows[rows.length - 1];
    const high = frames.addressHigh[outermost];
    const low = frames.addressLow[outermost];
    const binary = functions.binary[frames.function[outermost]];
    this.#message.number(1, this.#locations.of(location));
    if (binary !== NONE) this.#message.number(2, this.#mappings.of(binary));
    if (high !== 0xffffffff || low !== 0xffffffff)
      this.#message.number64(3, (BigInt(high) << 32n) | BigInt(low));
    for (const row of rows) {
      this.#inner.number(1, this.#functions.of(frames.function[row]));
      this.#inner.number(2, Math.max(0, frames.line[row]));
      this.#inner.number(3, Math.max(0, frames.column[row]));
      this.#message.message(4, this.#inner);
    }
    this.#out.message(field.location, this.#message);
  }

  #function(row: number): void {
    const { functions } = this.#profile;
    const name = this.#text(functions.name[row]);
    this.#message.number(1, this.#functions.of(row));
    this.#message.number(2, name);
    this.#message.number(3, name);
    this.#message.number(4, this.#text(functions.file[row]));
    this.#message.number(5, Math.max(0, functions.line[row]));
    this.#out.message(field.function, this.#message);
  }

  #mapping(row: number): void {
    const { binaries } = this.#profile;
    this.#message.number(1, this.#mappings.of(row));
    this.#message.number(5, this.#text(binaries.path[row]));
    this.#message.number(6, this.#text(binaries.buildId[row]));
    // Functions, files, lines and inlined frames are told already: nobody needs to look for symbols.
    for (const told of [7, 8, 9, 10]) this.#message.number(told, 1);
    this.#out.message(field.mapping, this.#message);
  }
}
