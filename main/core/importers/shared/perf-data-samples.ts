import type { EndianReader } from "../../bytes/endian.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import type { ImportContext, ImportLimits } from "../importer.ts";
import { has, type PerfEvent } from "./perf-data-attr.ts";
import { isCallStack, PerfDataChains } from "./perf-data-chains.ts";
import type { PerfDataFrames } from "./perf-data-frames.ts";
import { PerfDataLabels } from "./perf-data-labels.ts";
import { type RecordVisitor, record } from "./perf-data-records.ts";
import { groupValues, PerfSample } from "./perf-data-sample.ts";
import { type PerfDataSurvey, startOf } from "./perf-data-survey.ts";
import { PerfDataThreads } from "./perf-data-threads.ts";
import type { TracingData } from "./perf-data-tracing.ts";
import { PerfDataVariables } from "./perf-data-variables.ts";
import { eventUnit, kindOfEvent } from "./perf-events.ts";
import { PerfOffCpu } from "./perf-off-cpu.ts";
import { type SpanWords, wordsOfFields } from "./perf-span-words.ts";
import { type EventRole, PerfSpans, roleOf } from "./perf-spans.ts";

/** PERF_RECORD_MISC_SWITCH_OUT and _SWITCH_OUT_PREEMPT. */
const MISC_OUT = 1 << 13;
const MISC_PREEMPTED = 1 << 14;

const addedToCache = "filemap:mm_filemap_add_to_page_cache";
const PAGE_BYTES = 4096;

interface EventSeries {
  readonly series: SeriesBuilder;
  readonly role: EventRole | null;
}

/** The records as a profile, in the order of their times: samples, and switches of threads. */
export class PerfDataSamples implements RecordVisitor {
  readonly #out: ProfileBuilder;
  readonly #survey: PerfDataSurvey;
  readonly #limits: ImportLimits;
  readonly #labels: PerfDataLabels;
  readonly #chains: PerfDataChains;
  readonly #threads: PerfDataThreads;
  readonly #offCpu: PerfOffCpu;
  readonly #spans: PerfSpans;
  readonly #sample = new PerfSample();
  readonly #series = new Map<PerfEvent, EventSeries>();
  readonly #groupCounts = new Map<number, number>();
  /** Samples whose event or shape is not known. */
  unread = 0;
  #samples = 0;
  #origin: { readonly high: number; readonly low: number } | null = null;
  #branches = 0;

  constructor(
    out: ProfileBuilder,
    survey: PerfDataSurvey,
    frames: PerfDataFrames,
    tracing: TracingData,
    context: ImportContext,
  ) {
    const { limits, services } = context;
    this.#out = out;
    this.#survey = survey;
    this.#limits = limits;
    this.#labels = new PerfDataLabels(out, tracing);
    this.#chains = new PerfDataChains(out, frames, context);
    this.#threads = new PerfDataThreads(out, survey, (time) => this.#since(time));
    this.#offCpu = new PerfOffCpu(out);
    const maps = new PerfDataVariables(services?.symbols, survey.spaces);
    const machine = (): string => survey.features.machine;
    this.#spans = new PerfSpans(out, this.#threads, { offCpu: this.#offCpu, maps, machine });
  }

  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    switch (type) {
      case record.sample:
        this.#read(reader, misc, at, end);
        break;
      case record.switch:
      case record.switchCpuWide:
        this.#switch(reader, type, misc, at, end);
        break;
      case record.comm:
        if (at + 16 <= end) this.#threads.refresh(reader.i32(at + 12));
        break;
      case record.fork:
      case record.exit:
        if (at + 20 <= end) this.#lived(reader.i32(at + 16), type === record.exit);
        break;
    }
  }

  /** That locks were looked at shows, though nobody may have begun or ended a wait, as in a deadlock. */
  begin(): void {
    const { events, features } = this.#survey;
    const has = (role: EventRole["role"]): boolean => events.some(({ name }) => roleOf(name).role === role);
    if (has("futex-end")) this.#spans.begin();
    this.#offCpu.seesOwnWakersOnly = has("waking") && / (?:-p|--pid)\b/.test(features.command);
  }

  get unwound(): PerfDataChains["unwound"] {
    return this.#chains.unwound;
  }

  /** After the last record. */
  finish(): void {
    this.begin();
    const out = this.#out;
    const series = [...this.#series.values()].map((one) => one.series);
    for (const one of series) one.sortByTime();
    this.#spans.finish();
    this.#offCpu.finish();
    this.#threads.finish(series, this.#labels);
    this.#chains.finish();
    if (this.unread > 0)
      out.note(`${this.unread} samples are damaged or of an event that the file does not name.`);
    if (this.#branches > 0)
      out.note(
        `The last branches that came with ${this.#branches} samples were left out; \`perf script -F +brstack\` shows them.`,
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
    const timeNs = this.#out.seen(isTimed ? this.#sinceOf(sample.timeHigh, sample.timeLow) : 0);
    const thread = this.#threads.of(sample.pid, sample.tid);
    const space = this.#survey.spaces.at(sample.pid, sample.timeHigh * 2 ** 32 + sample.timeLow);
    const isCall = event.name.startsWith("raw_syscalls:") || this.#isOfRequests(event.name);
    const isOfProgram = isCall || event.name === addedToCache;
    const stack = this.#chains.stack(reader, event, sample, misc & 7, space, isOfProgram);
    if (isCall && this.#call(reader, event, thread, timeNs, stack)) return;
    const labels = this.#labels.of(reader, event, sample, this.#threads.laterName(thread));
    if (sample.branchCount > 0 && !isCallStack(event)) this.#branches++;
    if (sample.readAt > 0 && this.#group(reader, end, event, timeNs, thread, stack, labels)) return;
    if (event.name === addedToCache && this.#cached(reader, event, thread, timeNs, stack, labels)) return;
    const { series, role } = this.#of(event);
    series.add(timeNs, thread, stack, sample.period, 1, labels);
    if (role === null) return;
    this.#spans.add(role, thread, timeNs, stack, this.#wordsOf(role, reader, event));
  }

  #wordsOf(role: EventRole, reader: EndianReader, event: PerfEvent): SpanWords {
    const sample = this.#sample;
    return wordsOfFields(
      role,
      (name) => this.#labels.field(reader, event, sample, name),
      (name) => this.#labels.words(reader, event, sample, name),
    );
  }

  #cached(
    reader: EndianReader,
    event: PerfEvent,
    thread: number,
    timeNs: number,
    stack: number,
    labels: number,
  ): boolean {
    // Of kernels before 6.10 it is always one page.
    const order = Number(this.#labels.field(reader, event, this.#sample, "order") ?? 0);
    return this.#spans.cached(thread, timeNs, stack, PAGE_BYTES * 2 ** order, labels);
  }

  /** Requests to disks, where both their begin and their end were recorded. */
  #isOfRequests(name: string): boolean {
    if (!name.startsWith("block:block_rq_")) return false;
    const has = (event: string): boolean => this.#survey.events.some((each) => each.name === event);
    return has("block:block_rq_issue") && has("block:block_rq_complete");
  }

  /** Calls are more than their begin and end, and requests too: of these there is no series of their own. */
  #call(reader: EndianReader, event: PerfEvent, thread: number, timeNs: number, stack: number): boolean {
    if (this.#sample.rawAt === 0) return false;
    const role = roleOf(event.name);
    if (role.role === "none") return false;
    this.#spans.add(role, thread, timeNs, stack, this.#wordsOf(role, reader, event));
    return true;
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
      if (value > before) this.#of(member).series.add(timeNs, thread, stack, value - before, 1, labels);
    });
    return members > 0;
  }

  #of(event: PerfEvent): EventSeries {
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
    const role = roleOf(name);
    const made = { series, role: role.role === "none" ? null : role };
    this.#series.set(event, made);
    return made;
  }

  /** ns from the profile's start of ns on the recording's clock, in two halves. */
  #sinceOf(high: number, low: number): number {
    this.#origin ??= startOf(this.#out, this.#survey, high, low);
    return Math.max(0, (high - this.#origin.high) * 2 ** 32 + (low - this.#origin.low));
  }

  #since(time: number): number {
    return Number.isNaN(time) ? time : this.#sinceOf(Math.floor(time / 2 ** 32), time % 2 ** 32);
  }

  #lived(tid: number, isEnd: boolean): void {
    this.#threads.refresh(tid);
    const thread = isEnd ? this.#threads.withTid(tid) : NONE;
    if (thread !== NONE) this.#offCpu.ended(thread);
  }

  #switch(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    const time = this.#survey.timeOf(reader, at, end);
    // Who it is stands at the front of what every record ends in.
    const from = at + (type === record.switch ? 8 : 16);
    if (time === 0 || !this.#survey.saysThread || from + 8 > end) return;
    const thread = this.#threads.of(reader.i32(from), reader.i32(from + 4));
    if (thread === NONE || this.#threads.isIdle(thread)) return;
    const timeNs = this.#since(time);
    if ((misc & MISC_OUT) === 0) this.#offCpu.arrived(thread, timeNs);
    else this.#offCpu.left(thread, timeNs, misc & MISC_PREEMPTED ? "preempted" : "off CPU");
  }
}
