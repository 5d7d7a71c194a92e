import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { looksLikeStrace, readStraceLine, type StraceLine } from "./shared/strace-lines.ts";

/**
 * Output of strace, of one process or many (-f), with or without times (-t, -tt, -ttt, -r), durations (-T) and stacks
 * (-k). Each call is an interval with its arguments and result, and a sample of its duration.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
export const strace: StreamImporter = {
  id: "strace",
  title: "strace",
  extensions: ["strace", "txt"],
  order: 210,
  kind: "stream",
  sniff: looksLikeStrace,
  open: (out, context) => new StraceParser(out, context),
};

interface Call {
  readonly pid: number;
  readonly name: string;
  readonly args: string;
  readonly startNs: number;
}

class StraceParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #lines: LineSplitter;
  /** Calls that were interrupted by another thread's line, by pid and name. */
  readonly #unfinished = new Map<string, Call>();
  #series: SeriesBuilder | null = null;
  #isTimed = false;
  #hasDurations = false;
  /** The call whose stack may follow, and its frames from the innermost. */
  #last: { readonly call: Call; readonly line: StraceLine & { kind: "call" | "resumed" } } | null = null;
  #frames: number[] = [];
  #relativeNs = 0;
  #zeroMs: number | null = null;
  #lastClockNs = -1;
  #days = 0;
  #unread = 0;
  #headless = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(textOf(bytes, start, end)), 1 << 20);
    out.meta({ format: strace.id, tool: "strace" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#finish();
    const out = this.#out;
    for (const call of this.#unfinished.values()) this.#interval(call, Number.NaN, "unfinished", "");
    if (this.#headless > 0)
      out.note(`${this.#headless} calls had begun before the recording; their start is not known.`);
    if (this.#series && !this.#hasDurations)
      out.note("The calls have no durations: record with `strace -T` to see where the time goes.");
    if (this.#series && !this.#isTimed)
      out.note("The calls have no times: record with `strace -ttt` to see them on the timeline.");
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
    if (text.trim() === "" || /^strace: /.test(text)) return;
    const line = readStraceLine(text);
    if (!line) {
      this.#unread++;
      return;
    }
    const timeNs = this.#time(line);
    const pid = line.pid;
    switch (line.kind) {
      case "call":
        this.#last = { call: { pid, name: line.name, args: line.args, startNs: timeNs }, line };
        break;
      case "unfinished":
        this.#unfinished.set(`${pid} ${line.name}`, {
          pid,
          name: line.name,
          args: line.args,
          startNs: timeNs,
        });
        break;
      case "resumed": {
        const key = `${pid} ${line.name}`;
        const begun = this.#unfinished.get(key);
        this.#unfinished.delete(key);
        if (!begun) this.#headless++;
        const call = begun ?? { pid, name: line.name, args: "", startNs: timeNs };
        this.#last = { call: { ...call, args: call.args + line.args }, line };
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

  /** The last call has all of its lines. */
  #finish(): void {
    const last = this.#last;
    const frames = this.#frames;
    this.#last = null;
    this.#frames = [];
    if (!last) return;
    const { call, line } = last;
    const out = this.#out;
    const series = this.#seriesOf(line);
    if (series.length >= this.#context.limits.maxSamples) {
      out.note(`Only the first ${series.length} calls were read.`);
      return;
    }
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    stack = out.stack(
      stack,
      out.frame({ function: out.function({ name: out.string(call.name), kind: "kernel" }) }),
    );
    const error = /^-1 (E[A-Z0-9]+)/.exec(line.result)?.[1] ?? "";
    const labels =
      error === "" ? NONE : out.labelSet([{ key: out.string("error"), text: out.string(error) }]);
    const durationNs = line.durationNs;
    const values = this.#hasDurations ? [Math.max(0, durationNs), 1] : [1];
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
      id: "syscalls",
      name: "System calls",
      kind: "syscall",
      timed: this.#isTimed,
      values: this.#hasDurations ? [{ name: "time", unit: "nanoseconds" }, calls] : [calls],
    });
    return this.#series;
  }

  #interval(call: Call, endNs: number, result: string, error: string, stack = NONE): void {
    const out = this.#out;
    if (!this.#isTimed) return;
    out.interval({
      start: call.startNs,
      end: endNs,
      thread: this.#thread(call.pid),
      category: out.string("syscall"),
      name: out.string(call.name),
      stack,
      args: out.string(JSON.stringify({ args: call.args, result, ...(error !== "" && { error }) })),
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
        binary: out.binary(path),
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
  #time(line: StraceLine): number {
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
