import type { Profile, Series } from "../model/profile.ts";
import type { ChosenSeries } from "./series.ts";

/** Formats that time every call or every switch, and snapshots, which are no sample of anything. */
const measured = new Set([
  "callgrind",
  "gprof",
  "pstats",
  "papyrus",
  "perf-sched",
  "java-threads",
  "py-spy-dump",
  "go-goroutines",
]);

/** Was it sampled by time, so that its shares are estimates? What events count (allocations, waits) is whole. */
export const isSampled = ({ meta }: Profile, series: Series): boolean =>
  (series.kind === "cpu" || series.kind === "wall") && series.exact === null && !measured.has(meta.format);

/** How much of a value one sample stands for: rows of some formats stand for many. Fed with ever longer series. */
export class SampleDensity {
  #rows = 0;
  #value = 0;
  #count = 0;

  /** How many samples a part of the series is, by its value and its rows. */
  sizeOf({ series, value, unit }: ChosenSeries, totalValue: number, rows: number): number {
    if (unit === "samples" || unit === "count") return Math.max(0, totalValue);
    const counts = series.values.find((each) => each.unit === "samples" || each.unit === "count")?.data;
    if (!counts) return rows;
    const { data } = value;
    for (; this.#rows < series.length; this.#rows++) {
      this.#value += data === null ? 1 : data[this.#rows];
      this.#count += counts[this.#rows];
    }
    return this.#value > 0 && totalValue > 0 ? (totalValue * this.#count) / this.#value : rows;
  }
}
