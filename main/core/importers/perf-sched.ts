import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { PerfSchedTables } from "./shared/perf-sched-tables.ts";

/**
 * `perf sched timehist` (with -w, -n, --state, and the summary of -s) and `perf sched latency`. `perf sched script` is text
 * of perf script. https://man7.org/linux/man-pages/man1/perf-sched.1.html
 *
 *            time    cpu  task name                       wait time  sch delay   run time
 *     4323.858699 [0000]  sleep[12704]                        0.000      0.027      1.236    schedule <- do_nanosleep
 */
export const perfSched: StreamImporter = {
  id: "perf-sched",
  title: "perf sched timehist, perf sched latency",
  extensions: ["txt"],
  order: 204,
  kind: "stream",
  sniff: looksLikePerfSched,
  open: (out, context) => new PerfSchedParser(out, context),
};

const title = /^ +time +cpu +(?:[0-9a-f]+ +)?task name +wait time +sch delay +run time/;
const latency = /^ *Task +\| +Runtime ms +\| +(Switches|Count) +\|/;
const summary = /^ +comm +parent +sched-in +run-time/;

function looksLikePerfSched(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  return textOf(head.subarray(0, 8192))
    .split(/\r?\n/, 60)
    .some((line) => title.test(line) || latency.test(line) || summary.test(line));
}

/** A switch: what the task did before it left the processor at that time. Stars and letters are of -V. */
const row =
  /^ *(\d{1,10})\.(\d{6,9}) \[(\d+)\] +(?:[si ]+ )?(<idle>|\S.{0,40}?\[-?\d+(?:\/-?\d+)?\]|swapper) +(\d+\.\d{3}) +(\d+\.\d{3}) +(\d+\.\d{3})(?: +([A-Z]\+?)(?= |$))?(.*)$/;
const wakeup = /^ *\d{1,10}\.\d{6,9} \[\d+\] .*(awakened: |migrated: )/;

class PerfSchedParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #lines: LineSplitter;
  readonly #tables: PerfSchedTables;
  #switches = 0;
  #wakeups = 0;
  #unread = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#tables = new PerfSchedTables(out);
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(textOf(bytes, start, end)), 1 << 20);
    out.meta({ format: perfSched.id, tool: "perf" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    const out = this.#out;
    if (this.#wakeups > 0) out.note(`${this.#wakeups} lines about wakeups and migrations were skipped.`);
    if (this.#unread > 0)
      out.note(`${this.#unread} ${this.#unread === 1 ? "line" : "lines"} could not be read.`);
  }

  #line(line: string): void {
    if (line.trim() === "" || title.test(line)) return;
    const match = row.exec(line);
    if (match) this.#switch(match);
    else if (wakeup.test(line)) this.#wakeups++;
    else if (!this.#tables.line(line)) this.#unread++;
  }

  #switch(match: RegExpExecArray): void {
    const [, seconds, fraction = "", cpu, task = "", wait, delay, run, state = "", rest = ""] = match;
    if (++this.#switches > this.#context.limits.maxSamples) {
      this.#out.note(`Only the first ${this.#context.limits.maxSamples} switches were read.`);
      return;
    }
    const out = this.#out;
    const endNs = out.relativeTime(Number(seconds), Number(fraction.padEnd(9, "0")));
    const runNs = nanos(run);
    const waitNs = nanos(wait);
    const thread = this.#tables.task(task);
    const stack = this.#stack(rest);
    const cpuLabel = { key: out.string("cpu"), number: Number(cpu) };
    const labels = out.labelSet(
      state === "" ? [cpuLabel] : [cpuLabel, { key: out.string("state"), text: out.string(state) }],
    );
    out
      .series({
        id: "timehist",
        name: "Scheduling",
        kind: "offcpu",
        timed: true,
        values: [
          { name: "wait time", unit: "nanoseconds" },
          { name: "scheduling delay", unit: "nanoseconds" },
          { name: "run time", unit: "nanoseconds" },
        ],
      })
      .addValues(out.seen(endNs), thread, stack, [waitNs, nanos(delay), runNs], labels);
    if (thread === NONE) return;
    const category = out.string("scheduler");
    const startNs = endNs - runNs;
    // The wait is until the processor was given; what it waited for the processor is the end of it.
    if (waitNs > 0)
      out.interval({ start: startNs - waitNs, end: startNs, thread, category, name: out.string("off CPU") });
    if (runNs > 0)
      out.interval({ start: startNs, end: endNs, thread, category, name: out.string("running"), stack });
  }

  /** "   schedule <- do_nanosleep <- main", the innermost first; "next: sleep[12704]" in front with -n. */
  #stack(rest: string): number {
    const out = this.#out;
    const text = rest.replace(/^ *next: .{0,40}?\[-?\d+(?:\/-?\d+)?\] */, "").trim();
    if (text === "") return NONE;
    const names = text.split(" <- ").slice(0, this.#context.limits.maxStackDepth);
    let stack = NONE;
    for (const name of names.reverse())
      stack = out.stack(stack, out.frame({ function: out.function({ name: out.string(name.trim()) }) }));
    return stack;
  }
}

const nanos = (milliseconds = "0"): number => Math.round(Number(milliseconds) * 1e6);
