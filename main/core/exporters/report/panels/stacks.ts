import { formatCount, formatPercent, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { clip } from "../xml-text.ts";
import { panelOf } from "./report-panel.ts";

/** What the graph shows, as a table: the stacks in which most time was spent, each from the root to what ran. */
export const stacks = panelOf(
  { id: "stacks", title: "Heaviest stacks", isDefault: true, isInPicture: false },
  ({ flame, mostRows }) => [stacksOf(flame, Math.min(MOST_STACKS, mostRows))],
);

const MOST_STACKS = 100;

function stacksOf(flame: FlameTable, most: number): Block {
  const rows = Array.from({ length: flame.length }, (_, row) => row)
    .filter((row) => (flame.self[row] as number) > 0)
    .sort((a, b) => (flame.self[b] as number) - (flame.self[a] as number));
  const shown = rows.slice(0, most);
  const caption =
    shown.length < rows.length
      ? `The ${formatCount(shown.length)} heaviest stacks of the graph, of ${formatCount(rows.length)}: callers first.`
      : `${formatCount(shown.length)} stacks of the graph, the heaviest first: callers first.`;
  return {
    kind: "table",
    caption,
    columns: [
      { title: "Self %", kind: "number" },
      { title: "Self", kind: "number" },
      { title: "Stack", kind: "name", keepEnd: true, isLong: true },
    ],
    rows: shown.map((row) => {
      const self = flame.self[row] as number;
      return [formatPercent(self, flame.totalValue), formatValue(self, flame.unit), stackText(flame, row)];
    }),
  };
}

const MAX_FRAMES = 60;

/** From the root inwards; of a very deep stack its middle is left out. */
function stackText(flame: FlameTable, leaf: number): string {
  const names: string[] = [];
  for (let row = leaf; row !== -1; row = flame.parent[row] as number)
    names.push(clip(flame.strings[flame.name[row] as number] ?? "", 120));
  names.reverse();
  const half = MAX_FRAMES / 2;
  const cut = names.length - MAX_FRAMES;
  const shown =
    cut > 0 ? [...names.slice(0, half), `… ${cut} more …`, ...names.slice(names.length - half)] : names;
  return shown.join(" › ");
}
