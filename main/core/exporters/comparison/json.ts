import {
  type Change,
  type CompareFunctionsTable,
  type CompareSummaryTable,
  changeAt,
  type RunSummary,
} from "../../model/compare.ts";
import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter } from "./comparison-exporter.ts";

export const json: ComparisonExporter = {
  id: "json",
  title: "JSON",
  purpose:
    "functions with what they were and are, their intervals and what is noise; as `flamewright diff --json`",
  extension: "json",
  mimeType: "application/json",
  write: ({ answer }) =>
    textChunks([
      `${JSON.stringify(
        {
          ...summaryJson(answer({ view: "summary" })),
          rows: functionsJson(answer({ view: "functions", limit: Number.MAX_SAFE_INTEGER })),
        },
        null,
        2,
      )}\n`,
    ]),
};

/** What JSON has no word for. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function changeJson(change: Change) {
  const { before, after, changeHalf } = change;
  const half = known(changeHalf);
  return {
    before,
    after,
    change: change.change,
    state: change.state,
    /** Of the change; null where it is not known. */
    interval: half === null ? null : [change.change - half, change.change + half],
    beforePlusMinus: known(change.beforeHalf),
    afterPlusMinus: known(change.afterHalf),
    sigma: Number.isFinite(change.sigma) ? Math.round(change.sigma * 100) / 100 : null,
    aboveNoise: change.certainty === "unknown" ? null : change.certainty === "beyond",
  };
}

const runJson = ({ title, series, totalValue, samples, durationNs }: RunSummary) => ({
  title,
  series,
  total: totalValue,
  samples,
  durationNs,
});

/** What comes before the rows. Values of functions are made comparable: means of the runs, shares are of `whole`. */
export function summaryJson(summary: CompareSummaryTable) {
  return {
    by: summary.by,
    unit: summary.unit,
    confidence: summary.confidence,
    noise: summary.method,
    before: { runs: summary.before.map(runJson), whole: summary.wholeBefore },
    after: { runs: summary.after.map(runJson), whole: summary.wholeAfter },
    total: changeJson(summary.total),
    verdict: summary.verdict,
    basis: summary.basis,
    functions: { ...summary.states, beyondNoise: summary.beyond, withinNoise: summary.within },
  };
}

export const functionsJson = (table: CompareFunctionsTable) =>
  Array.from({ length: table.length }, (_, row) => ({
    function: table.strings[table.name[row]] ?? "",
    self: changeJson(changeAt(table.self, row)),
    total: changeJson(changeAt(table.total, row)),
    overweight: { self: table.self.overweight[row], total: table.total.overweight[row] },
  }));
