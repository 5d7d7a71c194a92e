import { formatCount, formatPercent, formatValue } from "../../../base/numbers.ts";
import type { FlameTable } from "../../../model/tables.ts";
import { clip, xmlText } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

export const stacks: ReportPanel = {
  id: "stacks",
  title: "Heaviest stacks",
  isDefault: true,
  write: ({ flame }) => stacksOf(flame),
};

const STACK_ROWS = 100;

/** What the graph shows, as a table: the stacks in which most time was spent, each from the root to what ran. */
function* stacksOf(flame: FlameTable): Iterable<string> {
  const rows = Array.from({ length: flame.length }, (_, row) => row)
    .filter((row) => (flame.self[row] as number) > 0)
    .sort((a, b) => (flame.self[b] as number) - (flame.self[a] as number));
  const shown = rows.slice(0, STACK_ROWS);
  const caption =
    shown.length < rows.length
      ? `The ${formatCount(shown.length)} heaviest stacks of the graph, of ${formatCount(rows.length)}: callers first.`
      : `${formatCount(shown.length)} stacks of the graph, the heaviest first: callers first.`;
  yield `${section("stacks", "Stacks")}<div class="scroll"><table>\n<caption>${caption}</caption>\n`;
  yield '<thead><tr><th scope="col" class="number">Self %</th><th scope="col" class="number">Self</th><th scope="col">Stack</th></tr></thead>\n<tbody>\n';
  for (const row of shown) {
    const self = flame.self[row] as number;
    yield `<tr><td class="number">${formatPercent(self, flame.totalValue)}</td><td class="number">${formatValue(self, flame.unit)}</td><td class="name">${stackText(flame, row)}</td></tr>\n`;
  }
  yield "</tbody></table></div>\n</section>\n";
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
  return shown.map(xmlText).join(" › ");
}
