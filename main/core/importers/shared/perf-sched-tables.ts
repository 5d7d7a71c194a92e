import { NONE, type ProfileBuilder } from "../../model/builder.ts";

/** One line of `perf sched latency`: a task, or all of one name ("offcpu:(2)"). */
const latencyRow =
  /^ *(\S.*?):(\(\d+\)|-?\d{1,10}) +\| +(\d+\.\d+) ms \| +(\d+) \| avg: +(\d+\.\d+) ms \| max: +(\d+\.\d+) ms(?: \| max start: +(\d+)\.(\d+) s \| max end: +(\d+)\.(\d+) s| \| max at: +(\d+)\.(\d+) s)?/;
/** One of the summary of `perf sched timehist -s`. */
const summaryRow =
  /^ *(\S.*?)\[(-?\d{1,10})(?:\/(-?\d{1,10}))?\] +(-?\d+) +(\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+\.\d+) +(\d+)\s*$/;
/** What stands around the tables: titles, rulers, what idle processors did, sums. */
const around =
  /^ *-[-| ]*$|^ *(Task +\||TOTAL:|comm +parent|\[tid\/pid\]|\(count\)|Samples (of|do not)|Runtime summary|Wait-time summary|Terminated tasks|Idle stats|CPU +\d+ idle|Total |INFO:|<no |sched-in)/;

/** Tables about whole runs of tasks. */
export class PerfSchedTables {
  readonly #out: ProfileBuilder;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** Thread of "sleep[12704]", "offcpu[12702/12700]" (thread/process); NONE for a processor's idle task. */
  task(text: string): number {
    const match = /^(.*)\[(-?\d{1,10})(?:\/(-?\d{1,10}))?\]$/s.exec(text);
    if (!match) return NONE;
    const tid = Number(match[2]);
    const pid = Number(match[3] ?? tid);
    const name = match[1] ?? "";
    return this.#out.thread(this.#out.process(pid, pid === tid ? name : ""), tid, name);
  }

  /** False for a line of something else. */
  line(line: string): boolean {
    const latency = latencyRow.exec(line);
    if (latency) this.#latency(latency);
    const summary = latency ? null : summaryRow.exec(line);
    if (summary) this.#summary(summary);
    return latency !== null || summary !== null || around.test(line);
  }

  #latency(match: RegExpExecArray): void {
    const [, name = "", id = "", runtime, switches, average, max, from, fromPart, to, toPart] = match;
    const out = this.#out;
    const isGroup = id.startsWith("(");
    const thread = isGroup ? NONE : this.task(`${name}[${id}]`);
    const series = out.series({
      id: "latency",
      name: "Scheduling latency",
      kind: "offcpu",
      timed: false,
      values: [
        { name: "runtime", unit: "nanoseconds" },
        { name: "switches", unit: "count" },
        { name: "delay", unit: "nanoseconds" },
      ],
    });
    const unit = out.string("nanoseconds");
    series.addValues(
      0,
      thread,
      out.stack(NONE, out.frame({ function: out.function({ name: out.string(name) }) })),
      [nanos(runtime), Number(switches), nanos(average) * Number(switches)],
      out.labelSet([
        { key: out.string("average delay"), number: nanos(average), unit },
        { key: out.string("max delay"), number: nanos(max), unit },
        ...(isGroup ? [{ key: out.string("tasks"), number: Number(id.slice(1, -1)) }] : []),
      ]),
    );
    const start = this.#clock(from, fromPart);
    const end = this.#clock(to, toPart);
    if (end > start && Number(from) + Number(fromPart) > 0)
      out.interval({
        start,
        end,
        thread,
        category: out.string("scheduler"),
        name: out.string("longest delay"),
      });
  }

  #clock(seconds = "0", fraction = "0"): number {
    if (Number(seconds) === 0 && Number(fraction) === 0) return 0;
    return this.#out.relativeTime(Number(seconds), Number(fraction.slice(0, 9).padEnd(9, "0")));
  }

  #summary(match: RegExpExecArray): void {
    const [, name = "", tid, pid, , times, run, min, , max, , migrations] = match;
    const out = this.#out;
    const thread = this.task(pid === undefined ? `${name}[${tid}]` : `${name}[${tid}/${pid}]`);
    const unit = out.string("nanoseconds");
    out
      .series({
        id: "runtime",
        name: "Run time",
        kind: "cpu",
        timed: false,
        values: [
          { name: "run time", unit: "nanoseconds" },
          { name: "sched-in", unit: "count" },
          { name: "migrations", unit: "count" },
        ],
      })
      .addValues(
        0,
        thread,
        out.stack(NONE, out.frame({ function: out.function({ name: out.string(name) }) })),
        [nanos(run), Number(times), Number(migrations)],
        out.labelSet([
          { key: out.string("min"), number: nanos(min), unit },
          { key: out.string("max"), number: nanos(max), unit },
        ]),
      );
  }
}

const nanos = (milliseconds = "0"): number => Math.round(Number(milliseconds) * 1e6);
