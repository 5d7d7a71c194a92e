import { ByteInterner } from "../../bytes/byte-interner.ts";
import type { EndianReader } from "../../bytes/endian.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { float64, int32, uint8 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { ImportLimits } from "../importer.ts";
import { branch, has, type PerfEvent } from "./perf-data-attr.ts";
import { mode, type PerfDataFrames } from "./perf-data-frames.ts";
import { PerfDataLabels } from "./perf-data-labels.ts";
import { type RecordVisitor, record } from "./perf-data-records.ts";
import { groupValues, PerfSample } from "./perf-data-sample.ts";
import type { PerfDataSurvey } from "./perf-data-survey.ts";
import { PerfDataSwitches } from "./perf-data-switches.ts";
import type { TracingData } from "./perf-data-tracing.ts";
import { eventUnit, kindOfEvent } from "./perf-events.ts";
import { StackShapes } from "./perf-meta.ts";

/** Addresses from -4095 on are marks: whose addresses follow. PERF_CONTEXT_* of linux/perf_event.h. */
const CONTEXT_HIGH = 0xffffffff;
const FIRST_CONTEXT = 0xfffff001;
const contexts: Readonly<Record<number, number>> = {
  [-32 >>> 0]: mode.hypervisor,
  [-128 >>> 0]: mode.kernel,
  [-512 >>> 0]: mode.user,
  [-2176 >>> 0]: mode.guestKernel,
  [-2560 >>> 0]: mode.guestUser,
};
/** The user's part of the stack comes in a record of its own: Linux 6.18 and later. */
const USER_DEFERRED = -640 >>> 0;

/** The second reading of the records: samples, and switches of threads. */
export class PerfDataSamples implements RecordVisitor {
  readonly #out: ProfileBuilder;
  readonly #survey: PerfDataSurvey;
  readonly #frames: PerfDataFrames;
  readonly #limits: ImportLimits;
  readonly #labels: PerfDataLabels;
  readonly #switches: PerfDataSwitches;
  readonly #sample = new PerfSample();
  readonly #series = new Map<PerfEvent, SeriesBuilder>();
  readonly #threadRows = new RowInterner(2);
  readonly #threads = int32();
  readonly #shapes = new StackShapes();
  readonly #groupCounts = new Map<number, number>();
  /** Every distinct call chain once: the address space and the mode, then the addresses as they lie. */
  readonly #chains = new ByteInterner();
  readonly #chainStack = int32();
  readonly #chainDepth = int32();
  #key = new Uint8Array(1 << 17);
  readonly #keyView = new DataView(this.#key.buffer);
  readonly #modes = uint8();
  readonly #highs = float64();
  readonly #lows = float64();
  /** Samples whose event or shape is not known. */
  unread = 0;
  #samples = 0;
  #originHigh = 0;
  #originLow = 0;
  #branches = 0;
  #deferred = 0;

  constructor(
    out: ProfileBuilder,
    survey: PerfDataSurvey,
    frames: PerfDataFrames,
    tracing: TracingData,
    limits: ImportLimits,
  ) {
    this.#out = out;
    this.#survey = survey;
    this.#frames = frames;
    this.#limits = limits;
    this.#labels = new PerfDataLabels(out, tracing);
    this.#switches = new PerfDataSwitches(out, limits.maxSamples);
    this.#originHigh = survey.earliest?.high ?? 0;
    this.#originLow = survey.earliest?.low ?? 0;
  }

  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    if (type === record.sample) this.#read(reader, misc, at, end);
    else if (type === record.switch || type === record.switchCpuWide)
      this.#switch(reader, type, misc, at, end);
  }

  /** After the last record. */
  finish(): void {
    const out = this.#out;
    for (const series of this.#series.values()) series.sortByTime();
    this.#switches.finish();
    this.#shapes.note(out);
    this.#frames.note();
    if (this.unread > 0)
      out.note(`${this.unread} samples are damaged or of an event that the file does not name.`);
    if (this.#branches > 0)
      out.note(
        `The last branches that came with ${this.#branches} samples were left out; \`perf script -F +brstack\` shows them.`,
      );
    if (this.#deferred > 0)
      out.note(
        `The user's part of ${this.#deferred} stacks was recorded apart from its sample, which is not read yet: ` +
          "open what `perf script` prints of the file instead.",
      );
  }

  #read(reader: EndianReader, misc: number, at: number, end: number): void {
    if (this.#samples >= this.#limits.maxSamples) {
      this.#out.note(`Only the first ${this.#samples} samples were read.`);
      return;
    }
    const event = this.#survey.eventOf(reader, at, end, true);
    const sample = this.#sample;
    if (!event || !sample.read(reader, at, end, event)) {
      this.unread++;
      return;
    }
    this.#samples++;
    const isTimed = (event.sampleType & has.time) !== 0;
    const time = isTimed
      ? Math.max(0, (sample.timeHigh - this.#originHigh) * 2 ** 32 + (sample.timeLow - this.#originLow))
      : 0;
    const thread = this.#thread(sample.pid, sample.tid);
    const stack = this.#stack(reader, event, misc & 7);
    const labels = this.#labels.of(reader, event, sample);
    const timeNs = this.#out.seen(time);
    if (sample.branchCount > 0 && !isCallStack(event)) this.#branches++;
    if (sample.readAt > 0 && this.#group(reader, end, event, timeNs, thread, stack, labels)) return;
    this.#of(event).add(timeNs, thread, stack, sample.period, 1, labels);
  }

  /** A group's members count since the last time, each for its own event; true where the sample is of a group. */
  #group(
    reader: EndianReader,
    end: number,
    event: PerfEvent,
    timeNs: number,
    thread: number,
    stack: number,
    labels: number,
  ): boolean {
    let members = 0;
    groupValues(reader, this.#sample.readAt, end, event.readFormat, (value, id) => {
      const member = this.#survey.eventById(id);
      if (!member) return;
      members++;
      const before = this.#groupCounts.get(id) ?? 0;
      this.#groupCounts.set(id, value);
      if (value > before) this.#of(member).add(timeNs, thread, stack, value - before, 1, labels);
    });
    return members > 0;
  }

  #of(event: PerfEvent): SeriesBuilder {
    const known = this.#series.get(event);
    if (known) return known;
    const out = this.#out;
    const { name } = event;
    const unit = eventUnit(name);
    const { period } = this.#sample;
    if (unit === "nanoseconds" && period > 0 && out.snapshot().meta.periodNs === -1)
      out.meta({ periodNs: period });
    const series = out.series({
      id: name,
      name,
      kind: kindOfEvent(name),
      timed: (event.sampleType & has.time) !== 0,
      values: [
        { name: "period", unit },
        { name: "samples", unit: "samples", counted: true },
      ],
    });
    this.#series.set(event, series);
    return series;
  }

  #thread(pid: number, tid: number): number {
    if (pid === -1 && tid === -1) return NONE;
    const row = this.#threadRows.intern(pid, tid);
    if (row < this.#threads.length) return this.#threads.at(row);
    const out = this.#out;
    const survey = this.#survey;
    const name = survey.nameOf(tid) || `:${tid}`;
    const process = out.process(pid, survey.nameOf(pid) || name);
    const thread = out.thread(process, tid, name);
    const life = survey.lives.get(tid);
    if (life) {
      out.threadLife(thread, this.#since(life.start), this.#since(life.end));
      if (tid === pid) out.processLife(process, this.#since(life.start), this.#since(life.end));
    }
    this.#threads.push(thread);
    return thread;
  }

  /** ns from the profile's start of ns on the recording's clock. */
  #since(time: number): number {
    return Math.max(0, time - (this.#originHigh * 2 ** 32 + this.#originLow));
  }

  #stack(reader: EndianReader, event: PerfEvent, whose: number): number {
    const sample = this.#sample;
    const time = sample.timeHigh * 2 ** 32 + sample.timeLow;
    const space = this.#survey.spaces.at(sample.pid, time);
    const isCalls = sample.branchCount > 0 && isCallStack(event);
    const bytes = sample.chainLength * 8;
    const key = this.#key;
    this.#keyView.setUint32(0, space?.id ?? 0, true);
    this.#keyView.setUint32(4, whose, true);
    let used = 8;
    if (sample.chainLength > 2) {
      key.set(reader.bytes.subarray(sample.chainAt, sample.chainAt + bytes), used);
      used += bytes;
    } else {
      // With few addresses the sample's own may be all there is.
      this.#keyView.setUint32(used, sample.ipLow, true);
      this.#keyView.setUint32(used + 4, sample.ipHigh, true);
      key.set(reader.bytes.subarray(sample.chainAt, sample.chainAt + bytes), used + 8);
      used += 8 + bytes;
    }
    if (isCalls) {
      const branches = reader.bytes.subarray(sample.branchAt, sample.branchAt + 24 * sample.branchCount);
      key.set(branches, used);
      used += branches.length;
    }
    const row = this.#chains.intern(key, 0, used);
    if (row === this.#chainStack.length) {
      this.#unroll(reader, whose, isCalls);
      let stack = NONE;
      const { length } = this.#modes.view();
      const depth = Math.min(length, this.#limits.maxStackDepth);
      for (let i = depth - 1; i >= 0; i--) {
        const isCaller = i > 0 && this.#modes.at(i) === this.#modes.at(i - 1);
        const frame = this.#frames.frame(
          space,
          this.#modes.at(i),
          this.#highs.at(i),
          this.#lows.at(i),
          isCaller,
        );
        stack = this.#out.stack(stack, frame);
      }
      this.#chainStack.push(stack);
      this.#chainDepth.push(sample.chainLength === 0 ? 0 : depth);
    }
    const depth = this.#chainDepth.at(row);
    if (depth === 0) this.#shapes.bare();
    else this.#shapes.stack(depth, false);
    return this.#chainStack.at(row);
  }

  /** Addresses of the sample from the innermost out, and whose each is. */
  #unroll(reader: EndianReader, whose: number, isCalls: boolean): void {
    const sample = this.#sample;
    this.#modes.clear();
    this.#highs.clear();
    this.#lows.clear();
    let current = whose;
    for (let i = 0, at = sample.chainAt; i < sample.chainLength; i++, at += 8) {
      const high = reader.high(at);
      const low = reader.low(at);
      if (high !== CONTEXT_HIGH || low < FIRST_CONTEXT) {
        if (!isCalls || current !== mode.user) this.#push(current, high, low);
        continue;
      }
      if (low === USER_DEFERRED) {
        this.#deferred++;
        break;
      }
      current = contexts[low] ?? current;
    }
    if (isCalls) this.#branchCalls(reader);
    // A chain of marks only: the user's part was not taken, or is in the copy of the stack.
    if (this.#modes.length === 0) this.#push(whose, sample.ipHigh, sample.ipLow);
  }

  /** The processor's own call stack: where each call came from, the newest first. */
  #branchCalls(reader: EndianReader): void {
    const { branchAt, branchCount } = this.#sample;
    this.#push(mode.user, reader.high(branchAt + 8), reader.low(branchAt + 8));
    for (let i = 0, at = branchAt; i < branchCount; i++, at += 24) {
      this.#push(mode.user, reader.high(at), reader.low(at));
    }
  }

  #push(whose: number, high: number, low: number): void {
    this.#modes.push(whose);
    this.#highs.push(high);
    this.#lows.push(low);
  }

  #switch(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    const time = this.#survey.timeOf(reader, at, end);
    const [first] = this.#survey.events;
    // Who it is stands at the front of what every record ends in.
    const from = at + (type === record.switch ? 8 : 16);
    if (time === 0 || !first || (first.sampleType & has.tid) === 0 || from + 8 > end) return;
    const thread = this.#thread(reader.i32(from), reader.i32(from + 4));
    this.#switches.add(thread, this.#since(time), misc);
  }
}

const isCallStack = (event: PerfEvent): boolean => (event.branchSampleType & branch.callStack) !== 0;
