import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { isKernelBinary } from "./shared/jit-names.ts";
import { LimitedTexts } from "./shared/limited-texts.ts";
import { isPerfTraceLine, type PerfTraceLine, readPerfTraceLine } from "./shared/perf-trace-lines.ts";
import { PerfTraceSummary } from "./shared/perf-trace-summary.ts";

/**
 * `perf trace`: system calls as they come, with stacks (--call-graph) or without, page faults (-F), and the summary of -s.
 * Each call is an interval with its arguments and result, and a sample of its duration.
 * https://man7.org/linux/man-pages/man1/perf-trace.1.html
 *
 *      0.088 ( 0.019 ms): ls/12683 brk()                                = 0x564815341000
 */
export const perfTrace: StreamImporter = {
  id: "perf-trace",
  title: "perf trace",
  extensions: ["trace", "txt"],
  order: 208,
  kind: "stream",
  sniff: looksLikePerfTrace,
  open: (out, context) => new PerfTraceParser(out, context),
};

function looksLikePerfTrace(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const text = textOf(head.subarray(0, 16_384));
  if (/^ Summary of events:\r?$/m.test(text)) return true;
  return text.split("\n", 20).some(isPerfTraceLine);
}

class PerfTraceParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #lines: LineSplitter;
  readonly #summary: PerfTraceSummary;
  readonly #unfinished = new Map<string, PerfTraceLine>();
  #last: PerfTraceLine | null = null;
  /** Of the last line, the innermost first. */
  #frames: number[] = [];
  readonly #texts: LimitedTexts;
  #samples = 0;
  #unread = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#texts = new LimitedTexts(out, "arguments of calls");
    this.#summary = new PerfTraceSummary(out);
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(textOf(bytes, start, end)), 1 << 20);
    out.meta({ format: perfTrace.id, tool: "perf" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#finish();
    const out = this.#out;
    for (const line of this.#unfinished.values()) this.#interval(line, line, NONE);
    if (this.#unread > 0)
      out.note(`${this.#unread} ${this.#unread === 1 ? "line" : "lines"} could not be read.`);
  }

  #line(text: string): void {
    if (text.trim() === "") return;
    if (this.#last && /^ {20,}\S/.test(text)) {
      if (this.#frames.length < this.#context.limits.maxStackDepth)
        this.#frames.push(this.#frame(text.trim()));
      else this.#out.note(`Stacks deeper than ${this.#context.limits.maxStackDepth} frames were cut.`);
      return;
    }
    const line = readPerfTraceLine(text);
    this.#finish();
    if (!line) {
      if (/\bLOST (\d+) events/.test(text))
        this.#out.meta({ lostSamples: this.#out.lostSamples + Number(/\bLOST (\d+)/.exec(text)?.[1]) });
      else if (!this.#summary.line(text)) this.#unread++;
      return;
    }
    if (line.kind === "unfinished") this.#unfinished.set(`${line.tid} ${line.name}`, line);
    else this.#last = line;
  }

  /** The last line has all of its stack. */
  #finish(): void {
    const line = this.#last;
    const frames = this.#frames;
    this.#last = null;
    this.#frames = [];
    if (!line) return;
    const begun = this.#unfinished.get(`${line.tid} ${line.name}`);
    const isContinued = line.kind === "continued";
    if (isContinued) this.#unfinished.delete(`${line.tid} ${line.name}`);
    const call = isContinued && begun ? { ...line, args: begun.args, timeNs: begun.timeNs } : line;
    if (Number.isNaN(call.timeNs)) {
      this.#out.note("Calls that had begun before the recording, or came with the thread, were left out.");
      return;
    }
    if (++this.#samples > this.#context.limits.maxSamples) {
      this.#out.note(`Only the first ${this.#context.limits.maxSamples} calls were read.`);
      return;
    }
    const out = this.#out;
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    const kind = line.kind === "event" ? "unknown" : "kernel";
    stack = out.stack(stack, out.frame({ function: out.function({ name: out.string(call.name), kind }) }));
    if (line.kind === "event") this.#event(call, stack);
    else this.#call(call, stack);
  }

  #call(call: PerfTraceLine, stack: number): void {
    const out = this.#out;
    const error = /^-1 (E[A-Z0-9]+)/.exec(call.result)?.[1] ?? "";
    const labels =
      error === "" ? NONE : out.labelSet([{ key: out.string("error"), text: out.string(error) }]);
    const durationNs = Number.isNaN(call.durationNs) ? 0 : call.durationNs;
    this.#calls().add(this.#time(call), this.#thread(call), stack, durationNs, 1, labels);
    this.#interval(call, { ...call, durationNs }, stack);
  }

  #calls(): SeriesBuilder {
    return this.#out.series({
      id: "syscalls",
      name: "System calls",
      kind: "syscall",
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "calls", unit: "count" },
      ],
    });
  }

  /** A page fault, a tracepoint. */
  #event(line: PerfTraceLine, stack: number): void {
    const out = this.#out;
    const series = out.series({
      id: line.name,
      kind: "trace",
      timed: true,
      values: [{ name: "events", unit: "count", counted: true }],
    });
    const text = line.args === "" ? NONE : this.#texts.of(line.args);
    const labels = text === NONE ? NONE : out.labelSet([{ key: out.string("arguments"), text }]);
    series.add(this.#time(line), this.#thread(line), stack, 1, 0, labels);
  }

  #interval(call: PerfTraceLine, { durationNs }: PerfTraceLine, stack: number): void {
    const out = this.#out;
    if (Number.isNaN(call.timeNs)) return;
    const start = this.#time(call);
    const { args, result } = call;
    out.interval({
      start,
      end: start + durationNs,
      thread: this.#thread(call),
      category: out.string("syscall"),
      name: out.string(call.name),
      stack,
      args: this.#texts.of(JSON.stringify({ args, ...(result !== "" && { result }) })),
    });
  }

  /** With -T the times are those of the machine's clock, else from the start of the recording. */
  #time({ timeNs }: PerfTraceLine): number {
    const seconds = Math.floor(timeNs / 1e9);
    return this.#out.seen(this.#out.relativeTime(seconds, timeNs - seconds * 1e9));
  }

  /** Whose tasks are threads and whose are processes perf trace does not say: each is both. */
  #thread({ tid, comm }: PerfTraceLine): number {
    if (tid === -1) return NONE;
    return this.#out.thread(this.#out.process(tid, comm), tid, comm);
  }

  /** "mmap64 (/usr/lib/ld.so)", "[0] ([unknown])". */
  #frame(text: string): number {
    const out = this.#out;
    const [, symbol = text, path = ""] = /^(.*) \(([^()]*(?:\([^()]*\))?)\)$/s.exec(text) ?? [];
    const isKnown = path !== "" && path !== "[unknown]" && path !== "inlined";
    return out.frame({
      function: out.function({
        name: out.string(/^\[[0-9a-fx]+\]$/.test(symbol) ? "[unknown]" : symbol),
        binary: isKnown ? out.binary(path) : NONE,
        kind: isKnown && isKernelBinary(path) ? "kernel" : "native",
      }),
    });
  }
}
