import type { CallTable, FunctionCostTable, Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import type { ChosenSeries } from "./series.ts";

/** What a call-graph format counted, and which of its values was asked for. */
export interface ChosenExact {
  readonly calls: CallTable;
  readonly functions: FunctionCostTable;
  readonly value: number;
}

/** null where there is none, or where a part was selected: exact costs are of the whole. */
export function exactFor(
  { threads }: Profile,
  selection: Selection,
  chosen: ChosenSeries | null,
): ChosenExact | null {
  const exact = chosen?.series.exact;
  if (!chosen || !exact) return null;
  const all = new Set(selection.threads ?? []);
  const isWhole =
    selection.rangeNs === null &&
    selection.lastNs === null &&
    (selection.threads === null || all.size === threads.length) &&
    selection.processes === null &&
    selection.transforms.every(({ type }) => type === "invert");
  const value = chosen.series.values.indexOf(chosen.value);
  return isWhole && value !== -1 ? { ...exact, value } : null;
}
