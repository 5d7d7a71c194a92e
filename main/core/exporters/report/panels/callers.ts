import { formatCount, formatCountOf, formatPercent, formatValue } from "../../../base/numbers.ts";
import type { ButterflyFunction, ButterflyTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { panelOf, type ReportParts } from "./report-panel.ts";

/** Who calls a function and what it calls: of what the search marks, else of the functions that burn most. */
export const callers = panelOf(
  { id: "callers", title: "Callers and callees", isDefault: false, isInPicture: false },
  (parts) => sandwiches(parts).flatMap((table) => table.functions.flatMap((each) => blocksOf(each, table))),
);

const MOST_FUNCTIONS = 6;
const MOST_EDGES = 12;

function sandwiches({ answer, selection }: ReportParts): readonly ButterflyTable[] {
  const limit = MOST_EDGES;
  if (selection.search !== "")
    return [
      answer({ view: "butterfly", selection, pattern: selection.search, functions: MOST_FUNCTIONS, limit }),
    ];
  const top = answer({ view: "top", selection, sort: "self", limit: MOST_FUNCTIONS });
  return Array.from(top.name, (name) =>
    answer({ view: "butterfly", selection, function: top.strings[name] ?? "", limit }),
  );
}

function blocksOf(of: ButterflyFunction, { totalValue, unit }: ButterflyTable): readonly Block[] {
  if (!(of.total > 0)) return [];
  const share = (value: number): string => formatPercent(value, of.total);
  const cells = (words: string, name: string, value: number, samples: number): readonly string[] => [
    share(value),
    formatValue(value, unit),
    formatCount(samples),
    words,
    name,
  ];
  const rows = [
    ...of.callers.map(({ name, value, samples }) => cells("called by", name, value, samples)),
    ...of.callees.map(({ name, value, samples }) => cells("calls", name, value, samples)),
  ];
  const bars = [...of.callers, ...of.callees].map(({ value }) => value / of.total);
  return [
    {
      kind: "table",
      caption: `${of.name}: total ${formatPercent(of.total, totalValue)}, self ${formatPercent(of.self, totalValue)}, ${formatValue(of.total, unit)} in ${formatCountOf(of.samples, "sample")}.`,
      columns: [
        { title: "Of its total", kind: "number", bars },
        { title: "Weight", kind: "number" },
        { title: "Samples", kind: "number" },
        { title: "", kind: "words", weight: 0.15, isDim: true },
        { title: "Function", kind: "name" },
      ],
      rows,
    },
  ];
}
