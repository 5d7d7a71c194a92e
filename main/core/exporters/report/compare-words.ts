import { formatCountOf, formatValue } from "../../base/numbers.ts";
import type { CompareSummaryTable, RunSummary } from "../../model/compare.ts";

export const titleOf = ({ before, after }: CompareSummaryTable): string =>
  `${namesOf(before)} → ${namesOf(after)}`;

const namesOf = (runs: readonly RunSummary[]): string =>
  runs.length > 2
    ? `${runs[0]?.title ?? ""} and ${runs.length - 1} more`
    : runs.map(({ title }) => title).join(", ");

/** A line a side. */
export function sidesOf({ before, after, unit, by }: CompareSummaryTable): string[] {
  const side = (name: string, runs: readonly RunSummary[]): string => {
    const mean = runs.reduce((sum, { totalValue }) => sum + totalValue, 0) / Math.max(1, runs.length);
    // Values that are samples are told once.
    const samples =
      runs.every((run) => run.samples !== null) && unit !== "samples"
        ? `, ${formatCountOf(
            runs.reduce((sum, run) => sum + (run.samples ?? 0), 0),
            "sample",
          )}`
        : "";
    const series = runs[0] && runs[0].series !== unit ? `, ${runs[0].series}` : "";
    const several = runs.length > 1 ? `${runs.length} runs of ` : "";
    return `${name}: ${namesOf(runs)}: ${several}${unit === "samples" ? formatCountOf(mean, "sample") : formatValue(mean, unit)}${samples}${series}`;
  };
  const scaled = {
    total: "Values are made comparable by share: as if each run weighed as much.",
    time: "Values are made comparable by time: as if each run had been recorded as long.",
    absolute: "Values are as they are.",
  }[by];
  return [side("Before", before), side("After", after), scaled];
}
