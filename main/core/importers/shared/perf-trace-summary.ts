import { NONE, type ProfileBuilder } from "../../model/builder.ts";

/**
 * The tables of `perf trace -s`, one a thread:
 *
 *      io (12780), 3494 events, 99.8%
 *
 *        syscall            calls  errors  total       min       avg       max       stddev
 *                                          (msec)    (msec)    (msec)    (msec)        (%)
 *        --------------- --------  ------ -------- --------- --------- ---------     ------
 *        fsync                100      0    54.438     0.409     0.544     1.101      1.75%
 */
export class PerfTraceSummary {
  readonly #out: ProfileBuilder;
  #thread = NONE;
  #columns: readonly string[] = [];

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** False for a line of something else. */
  line(text: string): boolean {
    const line = text.trim();
    if (/^(Summary of events:|\([a-z%]+\)( +\([a-z%]+\))*|[- ]+)$/.test(line)) return true;
    const owner = /^(.+) \((\d{1,10})\), (\d+) events?, \d+(\.\d+)?%/.exec(line);
    if (owner) {
      const tid = Number(owner[2]);
      const name = owner[1] ?? "";
      this.#thread = this.#out.thread(this.#out.process(tid, name), tid, name);
      return true;
    }
    const words = line.split(/\s+/);
    if (words[0] === "syscall" && words.includes("calls")) {
      this.#columns = words;
      return true;
    }
    if (this.#columns.length === 0 || words.length !== this.#columns.length) return false;
    this.#row(words);
    return true;
  }

  #row(words: readonly string[]): void {
    const out = this.#out;
    const of = (column: string): number => {
      const value = Number(words[this.#columns.indexOf(column)]);
      return Number.isFinite(value) ? value : 0;
    };
    const name = out.string(words[0] ?? "");
    const calls = of("calls");
    const nanos = (column: string): number => Math.round(of(column) * 1e6);
    const series = out.series({
      id: "syscall-summary",
      name: "System calls",
      kind: "syscall",
      timed: false,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "calls", unit: "count" },
        { name: "errors", unit: "count" },
      ],
    });
    // Older versions have no total, only the average.
    const total = this.#columns.includes("total") ? nanos("total") : nanos("avg") * calls;
    const labels = ["min", "max"]
      .filter((column) => this.#columns.includes(column))
      .map((column) => ({ key: out.string(column), number: nanos(column), unit: out.string("nanoseconds") }));
    series.addValues(
      0,
      this.#thread,
      out.stack(NONE, out.frame({ function: out.function({ name, kind: "kernel" }) })),
      [total, calls, of("errors")],
      out.labelSet(labels),
    );
  }
}
