import type { EndianReader } from "../../bytes/endian.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import { has, MIN_ATTR_BYTES, type PerfEvent, readAttr } from "./perf-data-attr.ts";
import { hexOf, type PerfFeatures, readBuildId, readFeature } from "./perf-data-features.ts";
import { type KernelPlace, KernelSymbols, mode } from "./perf-data-frames.ts";
import { AddressSpaces, pageOf } from "./perf-data-maps.ts";
import { type RecordVisitor, record } from "./perf-data-records.ts";
import { type IdPlace, idPlace } from "./perf-data-sample.ts";
import type { TracingData } from "./perf-data-tracing.ts";
import { roleOf } from "./perf-spans.ts";

const MMAP_DATA = 1 << 13;
const COMM_EXEC = 1 << 13;
const MMAP_BUILD_ID = 1 << 14;
/** 2 ** 64 - 1, as a float64: records that perf made up have it, or 0. */
const NO_TIME = 2 ** 64;
const EVENT_NAME = 2;

/** A time in ns that fits no float64 exactly: two halves. */
export interface WideTime {
  readonly high: number;
  readonly low: number;
}

/** Name of a thread from some time on. */
interface Naming {
  readonly time: number;
  readonly name: string;
}

interface Life {
  readonly pid: number;
  start: number;
  end: number;
}

/**
 * What is mapped where, who is called what, and which event an id is. Of a file it is a reading of all records before the
 * samples, which may lie before what they need; of records in the order of time it goes along with the samples.
 */
export class PerfDataSurvey implements RecordVisitor {
  readonly events: PerfEvent[];
  readonly features: PerfFeatures;
  readonly spaces: AddressSpaces;
  readonly kernelSymbols = new KernelSymbols();
  readonly lives = new Map<number, Life>();
  readonly #namings = new Map<number, Naming>();
  readonly #tracing: TracingData;
  readonly #byId = new Map<number, PerfEvent>();
  readonly #places = new Map<PerfEvent, IdPlace>();
  kernelTextHigh = 0;
  kernelTextLow = 0;
  kernelBuildId = "";
  earliest: WideTime | null = null;
  #lostRecords = 0;
  #lostSamples = 0;
  throttles = 0;
  /** There are records of context switches, or tracepoints that come in pairs. */
  hasSpans = false;
  hasTrace = false;

  constructor(events: PerfEvent[], features: PerfFeatures, tracing: TracingData, isInOrder = false) {
    this.spaces = new AddressSpaces(isInOrder);
    this.events = events;
    this.features = features;
    this.#tracing = tracing;
    for (const event of events) this.#knowIds(event);
  }

  get kernelPlace(): KernelPlace {
    const { kernel, buildIds } = this.features;
    return {
      buildId: this.kernelBuildId || (buildIds.get("[kernel.kallsyms]") ?? ""),
      release: kernel,
      textHigh: this.kernelTextHigh,
      textLow: this.kernelTextLow,
    };
  }

  /** The kernel counts what did not fit into the ring buffer, and perf what it knows that the events lost: the same. */
  get lostSamples(): number {
    return Math.max(this.#lostRecords, this.#lostSamples);
  }

  /** Records that are no samples say whose they are. */
  get saysThread(): boolean {
    return ((this.events[0]?.sampleType ?? 0) & has.tid) !== 0;
  }

  tracing(bytes: Uint8Array): void {
    this.#tracing.read(bytes);
  }

  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    if (type === record.sample) this.#sample(reader, at, end);
    else
      try {
        this.#other(reader, type, misc, at, end);
      } catch (error) {
        // The record is shorter than its type: there is nothing in it.
        if (!(error instanceof RangeError)) throw error;
      }
  }

  /** The event of a record; null where its id is of none. */
  eventOf(reader: EndianReader, at: number, end: number, isSample: boolean): PerfEvent | null {
    const [first] = this.events;
    if (!first) return null;
    if (this.events.length === 1) return first;
    const place = this.#placeOf(first);
    const offset = isSample ? place.sampleId : place.otherId;
    if (offset === 0) return first;
    const from = offset > 0 ? at + offset : end + offset;
    if (from < at + 8 || from + 8 > end) return null;
    return this.#byId.get(reader.u64(from)) ?? null;
  }

  /** The event that an id is of, in the values that are read with a sample. */
  eventById(id: number): PerfEvent | null {
    return this.#byId.get(id) ?? null;
  }

  nameOf(tid: number): string {
    return this.#namings.get(tid)?.name ?? (tid === 0 ? "swapper" : "");
  }

  /** After the last record, or before the first sample: names that the file gives to its events. */
  nameEvents(): void {
    for (const { name, ids } of this.features.names) {
      const event = ids.length > 0 ? this.#byId.get(ids[0] ?? -1) : undefined;
      if (event && name !== "") event.name = name;
    }
    const { names } = this.features;
    const isInOrder = names.length === this.events.length && names.every(({ ids }) => ids.length === 0);
    if (isInOrder) for (const [i, event] of this.events.entries()) event.name = names[i]?.name || event.name;
    for (const event of this.events) {
      if (event.type === 2 && event.name.startsWith("tracepoint "))
        event.name = this.#tracing.formats.get(event.configLow)?.name ?? event.name;
      // A rate of its own is no part of the name: "page-faults/freq=99/u".
      const [, plain, modifiers] = /^(.*)\/freq=\d+\/(\w*)$/.exec(event.name) ?? [];
      if (plain !== undefined) event.name = modifiers ? `${plain}:${modifiers}` : plain;
      if (roleOf(event.name).role !== "none") this.hasSpans = true;
    }
  }

  #knowIds(event: PerfEvent): void {
    for (const id of event.ids) this.#byId.set(id, event);
  }

  #sample(reader: EndianReader, at: number, end: number): void {
    const event = this.eventOf(reader, at, end, true);
    if (!event) return;
    const offset = this.#placeOf(event).sampleTime;
    if (offset !== 0 && at + offset + 8 <= end) this.#seen(reader.high(at + offset), reader.low(at + offset));
  }

  #seen(high: number, low: number): void {
    const earliest = this.earliest;
    if (!earliest || high < earliest.high || (high === earliest.high && low < earliest.low))
      this.earliest = { high, low };
  }

  /** ns on the recording's clock of any record; 0 for what has none. */
  timeOfAny(reader: EndianReader, type: number, at: number, end: number): number {
    if (type !== record.sample) return this.timeOf(reader, at, end);
    const event = this.eventOf(reader, at, end, true);
    if (!event) return 0;
    const offset = this.#placeOf(event).sampleTime;
    return offset !== 0 && at + offset + 8 <= end ? reader.u64(at + offset) : 0;
  }

  /** ns on the recording's clock; 0 for what perf wrote about the time before. */
  timeOf(reader: EndianReader, at: number, end: number): number {
    const offset = this.#timeAt(reader, at, end);
    if (offset === 0) return 0;
    const time = reader.u64(offset);
    return time >= NO_TIME ? 0 : time;
  }

  /**
   * Where the time of a record lies that is no sample; 0 for nowhere. What stands behind it is the event's own: the one that
   * tells of maps and names may have no processor where those of samples have one. What perf made up has the id 0, and no time.
   */
  #timeAt(reader: EndianReader, at: number, end: number): number {
    const event = this.eventOf(reader, at, end, false);
    const offset = event ? this.#placeOf(event).otherTime : 0;
    return offset === 0 || end + offset < at + 8 ? 0 : end + offset;
  }

  #placeOf(event: PerfEvent): IdPlace {
    let place = this.#places.get(event);
    if (!place) {
      place = idPlace(event);
      this.#places.set(event, place);
    }
    return place;
  }

  #other(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    switch (type) {
      case record.mmap:
      case record.mmap2:
        this.#map(reader, type === record.mmap2, misc, at, end);
        break;
      case record.comm:
        this.#comm(reader, misc, at, end);
        break;
      case record.fork:
      case record.exit:
        this.#task(reader, type === record.fork, at);
        break;
      case record.lost:
        this.#lostRecords += reader.u64(at + 16);
        break;
      case record.lostSamples:
        this.#lostSamples += reader.u64(at + 8);
        break;
      case record.throttle:
        this.throttles++;
        break;
      case record.ksymbol:
        this.kernelSymbols.add(
          reader.high(at + 8),
          reader.low(at + 8),
          reader.u32(at + 16),
          reader.cString(at + 24, end),
        );
        break;
      case record.switch:
      case record.switchCpuWide:
        this.#switch(reader, at, end);
        break;
      case record.headerAttr:
        this.#attr(reader, at, end);
        break;
      case record.buildId:
        readBuildId(this.features, reader, misc, at, end);
        break;
      case record.eventUpdate:
        if (reader.u64(at + 8) === EVENT_NAME)
          this.#rename(reader.u64(at + 16), reader.cString(at + 24, end));
        break;
      case record.headerFeature:
        readFeature(this.features, reader.u64(at + 8), reader, at + 16, end);
        break;
      case record.auxtrace:
        this.hasTrace = true;
        break;
    }
  }

  #switch(reader: EndianReader, at: number, end: number): void {
    this.hasSpans = true;
    if (this.timeOf(reader, at, end) === 0) return;
    const from = this.#timeAt(reader, at, end);
    this.#seen(reader.high(from), reader.low(from));
  }

  #attr(reader: EndianReader, at: number, end: number): void {
    const size = reader.u32(at + 12) || MIN_ATTR_BYTES;
    const idsAt = at + 8 + size;
    if (size < MIN_ATTR_BYTES || idsAt > end) return;
    const ids: number[] = [];
    for (let from = idsAt; from + 8 <= end; from += 8) ids.push(reader.u64(from));
    const event = readAttr(reader, at + 8, size, ids);
    this.events.push(event);
    this.#knowIds(event);
  }

  #rename(id: number, name: string): void {
    const event = this.#byId.get(id);
    if (event && name !== "") event.name = name;
  }

  #map(reader: EndianReader, isSecond: boolean, misc: number, at: number, end: number): void {
    const pid = reader.i32(at + 8);
    const startHigh = reader.high(at + 16);
    const startLow = reader.low(at + 16);
    const length = reader.u64(at + 24);
    const path = reader.cString(at + (isSecond ? 72 : 40), end);
    const isKernel = (misc & 7) === mode.kernel || (misc & 7) === mode.guestKernel;
    // Readable data are mapped too where asked for; no code runs there.
    if ((misc & MMAP_DATA) !== 0 || length === 0) return;
    let buildId = "";
    if (isSecond && (misc & MMAP_BUILD_ID) !== 0) {
      const size = Math.min(20, reader.bytes[at + 40] ?? 0);
      buildId = hexOf(reader.bytes.subarray(at + 44, at + 44 + size));
    }
    if (isKernel && path.startsWith("[kernel.kallsyms]")) {
      this.kernelTextHigh = reader.high(at + 32);
      this.kernelTextLow = reader.low(at + 32);
      if (buildId !== "") this.kernelBuildId = buildId;
    }
    const endLow = startLow + (length % 2 ** 32);
    const endHigh = startHigh + Math.floor(length / 2 ** 32) + Math.floor(endLow / 2 ** 32);
    const region = {
      firstPage: pageOf(startHigh, startLow),
      lastPage: Math.max(
        pageOf(startHigh, startLow) + 1,
        Math.ceil(endHigh * 2 ** 20 + (endLow % 2 ** 32) / 4096),
      ),
      startHigh,
      startLow,
      fileOffset: isKernel ? 0 : reader.u64(at + 32),
      path,
      buildId,
    };
    this.spaces.map(this.timeOf(reader, at, end), isKernel ? -1 : pid, region);
  }

  #comm(reader: EndianReader, misc: number, at: number, end: number): void {
    const pid = reader.i32(at + 8);
    const tid = reader.i32(at + 12);
    const time = this.timeOf(reader, at, end);
    const known = this.#namings.get(tid);
    const name = reader.cString(at + 16, end);
    if (!known || time >= known.time) this.#namings.set(tid, { time, name });
    const life = this.lives.get(tid);
    if (!life) this.lives.set(tid, { pid, start: Number.NaN, end: Number.NaN });
    if ((misc & COMM_EXEC) !== 0 && pid === tid) this.spaces.exec(time, pid);
  }

  #task(reader: EndianReader, isFork: boolean, at: number): void {
    const pid = reader.i32(at + 8);
    const parent = reader.i32(at + 12);
    const tid = reader.i32(at + 16);
    const parentTid = reader.i32(at + 20);
    const time = reader.u64(at + 24);
    const isKnownTime = time > 0 && time < NO_TIME;
    const life = this.lives.get(tid) ?? { pid, start: Number.NaN, end: Number.NaN };
    if (isFork) {
      if (isKnownTime) life.start = time;
      if (pid !== parent) this.spaces.fork(isKnownTime ? time : 0, pid, parent);
      const name = this.#namings.get(parentTid)?.name;
      if (name !== undefined && !this.#namings.has(tid)) this.#namings.set(tid, { time: 0, name });
    } else if (isKnownTime) life.end = time;
    this.lives.set(tid, life);
  }
}

/** Time zero of the profile: the recorder's, the earliest of the file, or that of the first record. Says it in the meta. */
export function startOf(out: ProfileBuilder, survey: PerfDataSurvey, high: number, low: number): WideTime {
  const { originSeconds, originNanos } = out.snapshot().meta;
  if (originSeconds !== -1) {
    const startNs = BigInt(originSeconds) * 10n ** 9n + BigInt(originNanos);
    return { high: Number(startNs >> 32n), low: Number(startNs & 0xffff_ffffn) };
  }
  const start = survey.earliest ?? { high, low };
  const startNs = BigInt(start.high) * 2n ** 32n + BigInt(start.low);
  out.meta({ originSeconds: Number(startNs / 10n ** 9n), originNanos: Number(startNs % 10n ** 9n) });
  const { wallMs, clockNs } = survey.features;
  if (wallMs > 0) out.meta({ startedAtMs: Math.floor(wallMs + (Number(startNs) - clockNs) / 1e6) });
  return start;
}

/** Whether any event copied the stack: perf unwinds it with the debug information of the program. */
export const isDwarf = (events: readonly PerfEvent[]): boolean =>
  events.some(
    ({ sampleType }) => (sampleType & has.userStack) !== 0 && (sampleType & has.userRegisters) !== 0,
  );
