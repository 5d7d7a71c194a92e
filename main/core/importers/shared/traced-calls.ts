import { textOf } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { libraryCategory } from "../../model/library-calls.ts";
import type { ImportContext, StreamParser } from "../importer.ts";
import { LimitedTexts } from "./limited-texts.ts";
import type { TraceLine } from "./trace-lines.ts";

/** What strace and ltrace write differently. */
export interface Tracing {
  readonly id: string;
  readonly series: { readonly id: string; readonly name: string };
  /** Calls of one thread may be within each other: then those around are its callers, and each has its own time. */
  readonly isNested: boolean;
  /** One line that is no stack, or null where it is of another kind. */
  readLine(text: string): TraceLine | null;
  isOfKernel(name: string): boolean;
  /** "ENOENT"; "" where the call did not fail. */
  errorOf(name: string, result: string): string;
  /** What is to be said of words of the tool itself among its lines, "" for nothing; null where they are none. */
  wordOf(text: string): string | null;
}

interface Call {
  readonly pid: number;
  readonly name: string;
  readonly library: string;
  readonly args: string;
  readonly startNs: number;
  /** Of the calls that it is made within. */
  readonly stack: number;
}

type Returned = TraceLine & { readonly kind: "call" | "resumed" };

interface Open extends Call {
  /** ns of the calls that were made within it. */
  withinNs: number;
}

/** Each call is an interval with its arguments and result, and a sample of its duration. */
export class TracedCalls implements StreamParser {
  readonly #tracing: Tracing;
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #lines: LineSplitter;
  readonly #texts: LimitedTexts;
  /** By pid, calls that have not returned: another thread's line came in between, or a call within them. */
  readonly #open = new Map<number, Open[]>();
  #series: SeriesBuilder | null = null;
  #isTimed = false;
  #hasDurations = false;
  /** The call whose stack may follow, and its frames from the innermost. */
  #last: { readonly call: Call; readonly line: Returned; readonly withinNs: number } | null = null;
  #frames: number[] = [];
  #relativeNs = 0;
  #zeroMs: number | null = null;
  #lastClockNs = -1;
  #days = 0;
  #unread = 0;
  #headless = 0;

  constructor(tracing: Tracing, out: ProfileBuilder, context: ImportContext) {
    this.#tracing = tracing;
    this.#texts = new LimitedTexts(out, "arguments of calls");
    this.#out = out;
    this.#context = context;
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(textOf(bytes, start, end)), 1 << 20);
    out.meta({ format: tracing.id, tool: tracing.id });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#finish();
    const out = this.#out;
    const { id: tool } = this.#tracing;
    for (const calls of this.#open.values())
      for (const call of calls) this.#interval(call, Number.NaN, "unfinished", "");
    this.#series?.sortByTime();
    if (this.#headless > 0)
      out.note(
        this.#headless === 1
          ? "One call had begun before the recording; its start is not known."
          : `${this.#headless} calls had begun before the recording; their start is not known.`,
      );
    if (this.#series && !this.#hasDurations)
      out.note(`The calls have no durations: record with \`${tool} -T\` to see where the time goes.`);
    if (this.#series && !this.#isTimed)
      out.note(`The calls have no times: record with \`${tool} -ttt\` to see them on the timeline.`);
    if (this.#unread > 0)
      out.note(`${this.#unread} ${this.#unread === 1 ? "line" : "lines"} could not be read.`);
  }

  #line(text: string): void {
    const stack = /^ > (\S.*?)\(([^()]*?)(?:\+0x[0-9a-f]+)?\) \[0x([0-9a-f]+)\]$/.exec(text);
    if (stack) {
      if (this.#frames.length < this.#context.limits.maxStackDepth)
        this.#frames.push(this.#frame(stack[1] ?? "", stack[2] ?? "", stack[3] ?? "0"));
      return;
    }
    if (/^ > /.test(text)) return;
    this.#finish();
    if (text.trim() === "") return;
    const line = this.#tracing.readLine(text);
    if (!line) {
      const word = this.#tracing.wordOf(text);
      if (word === null) this.#unread++;
      else if (word !== "") this.#out.note(word);
      return;
    }
    const timeNs = this.#time(line);
    const { pid, name, args, library = "" } = line;
    switch (line.kind) {
      case "call":
        this.#returned({ pid, name, library, args, startNs: timeNs, stack: this.#around(line) }, line, 0);
        break;
      case "unfinished": {
        const open = this.#open.get(pid) ?? [];
        this.#open.set(pid, open);
        const stack = this.#around(line);
        if (open.length < this.#context.limits.maxStackDepth)
          open.push({ pid, name, library, args, startNs: timeNs, stack, withinNs: 0 });
        break;
      }
      case "resumed": {
        const open = this.#open.get(pid) ?? [];
        const at = open.findLastIndex((each) => each.name === name);
        // Those that were called within it and are open still do not return any more.
        const [begun, ...lost] = at === -1 ? [] : open.splice(at);
        for (const call of lost) this.#interval(call, Number.NaN, "unfinished", "");
        if (!begun) this.#headless++;
        const call = begun ?? { pid, name, library, args: "", startNs: timeNs, stack: this.#around(line) };
        this.#returned({ ...call, args: call.args + args }, line, begun?.withinNs ?? 0);
        break;
      }
      case "signal":
        this.#mark(pid, timeNs, line.name, line.args);
        break;
      case "exit":
        this.#out.threadLife(this.#thread(pid), Number.NaN, timeNs);
        this.#mark(pid, timeNs, "exit", line.name);
        break;
    }
  }

  /** The stack of calls that a call is made within, and the place in the code where it is made. */
  #around({ pid, place = "" }: TraceLine): number {
    const out = this.#out;
    const within = this.#tracing.isNested ? this.#open.get(pid)?.at(-1) : undefined;
    const stack = within === undefined ? NONE : out.stack(within.stack, this.#callFrame(within));
    return place === "" ? stack : out.stack(stack, this.#frame("", "", place));
  }

  /** What follows may be its stack. */
  #returned(call: Call, line: Returned, withinNs: number): void {
    const around = this.#tracing.isNested ? this.#open.get(call.pid)?.at(-1) : undefined;
    if (around) around.withinNs += Math.max(0, line.durationNs);
    this.#last = { call, line, withinNs };
  }

  #callFrame({ name, library }: Call): number {
    const out = this.#out;
    const kind = this.#tracing.isOfKernel(name) ? "kernel" : "native";
    const binary = library === "" ? {} : { binary: out.binary(library) };
    return out.frame({ function: out.function({ name: out.string(name), kind, ...binary }) });
  }

  /** The last call has all of its lines. */
  #finish(): void {
    const last = this.#last;
    const frames = this.#frames;
    this.#last = null;
    this.#frames = [];
    if (!last) return;
    const { call, line, withinNs } = last;
    const out = this.#out;
    const series = this.#seriesOf(line);
    if (series.length >= this.#context.limits.maxSamples) {
      out.note(`Only the first ${series.length} calls were read.`);
      return;
    }
    let { stack } = call;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    stack = out.stack(stack, this.#callFrame(call));
    const error = this.#tracing.errorOf(call.name, line.result);
    const labels =
      error === "" ? NONE : out.labelSet([{ key: out.string("error"), text: out.string(error) }]);
    const durationNs = line.durationNs;
    const values = this.#hasDurations ? [Math.max(0, durationNs - withinNs), 1] : [1];
    series.addValues(
      this.#isTimed ? out.seen(call.startNs) : 0,
      this.#thread(call.pid),
      stack,
      values,
      labels,
    );
    if (this.#isTimed)
      this.#interval(
        call,
        durationNs >= 0 ? call.startNs + durationNs : call.startNs,
        line.result,
        error,
        stack,
      );
  }

  /** What the first call has, the others are taken to have. */
  #seriesOf(line: { readonly durationNs: number }): SeriesBuilder {
    if (this.#series) return this.#series;
    this.#hasDurations = line.durationNs >= 0;
    const calls = { name: "calls", unit: "count" };
    this.#series = this.#out.series({
      ...this.#tracing.series,
      kind: "syscall",
      timed: this.#isTimed,
      values: this.#hasDurations ? [{ name: "time", unit: "nanoseconds" }, calls] : [calls],
    });
    return this.#series;
  }

  #interval(call: Call, endNs: number, result: string, error: string, stack = NONE): void {
    const out = this.#out;
    if (!this.#isTimed) return;
    const library = !this.#tracing.isOfKernel(call.name);
    const said = { args: call.args, result, ...(error !== "" && { error }), ...(library && { library }) };
    out.interval({
      start: call.startNs,
      end: endNs,
      thread: this.#thread(call.pid),
      category: out.string(library ? libraryCategory : "syscall"),
      name: out.string(call.name),
      stack,
      args: this.#texts.of(JSON.stringify(said)),
    });
  }

  #mark(pid: number, timeNs: number, name: string, args: string): void {
    const out = this.#out;
    if (!this.#isTimed) return;
    out.interval({
      start: timeNs,
      end: timeNs,
      thread: this.#thread(pid),
      category: out.string("signal"),
      name: out.string(name),
      args: out.string(JSON.stringify({ args })),
    });
  }

  /** Whose tasks are threads and whose are processes strace does not say: each is both. */
  #thread(pid: number): number {
    return this.#out.thread(this.#out.process(pid), pid);
  }

  #frame(path: string, symbol: string, address: string): number {
    const out = this.#out;
    const value = BigInt(`0x${address.slice(-16)}`);
    return out.frame({
      function: out.function({
        name: out.string(symbol === "" ? `0x${address}` : symbol),
        ...(path === "" ? {} : { binary: out.binary(path) }),
        kind: "native",
      }),
      addressHigh: Number(value >> 32n),
      addressLow: Number(value & 0xffff_ffffn),
    });
  }

  /** While it is recorded the profile's zero is on another clock; when that was is known to the millisecond. -1: there is none. */
  #liveZeroMs(seconds: number): number {
    const { originSeconds, startedAtMs } = this.#out.snapshot().meta;
    return originSeconds !== -1 && startedAtMs > 0 && Math.abs(seconds - originSeconds) > 1e8
      ? startedAtMs
      : -1;
  }

  /** ns from the start; what kind of time a line has shows in how it is written. */
  #time(line: TraceLine): number {
    const { clock } = line;
    if (clock === null) return 0;
    this.#isTimed = this.#isTimed || this.#series === null;
    switch (clock.kind) {
      case "epoch":
        this.#zeroMs ??= this.#liveZeroMs(clock.seconds);
        if (this.#zeroMs !== -1)
          return Math.max(0, (clock.seconds * 1000 - this.#zeroMs) * 1e6 + clock.nanos);
        if (this.#out.lastTimeNs === 0 && this.#lastClockNs < 0)
          this.#out.meta({ startedAtMs: clock.seconds * 1000 + Math.floor(clock.nanos / 1e6) });
        this.#lastClockNs = 0;
        return this.#out.relativeTime(clock.seconds, clock.nanos);
      case "day": {
        const atNs = clock.seconds * 1e9 + clock.nanos;
        // Past midnight.
        if (atNs < this.#lastClockNs - 12 * 3600e9) this.#days++;
        this.#lastClockNs = atNs;
        return this.#out.relativeTime(clock.seconds + this.#days * 86_400, clock.nanos);
      }
      case "relative":
        this.#relativeNs += clock.seconds * 1e9 + clock.nanos;
        return this.#out.relativeTime(Math.floor(this.#relativeNs / 1e9), this.#relativeNs % 1e9);
    }
  }
}
