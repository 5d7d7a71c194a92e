import { formatPercent, formatValue } from "../../base/numbers.ts";
import { type Change, type CompareFlameTable, changeAt, isNoise } from "../../model/compare.ts";
import { frameMarkup, LONGEST_TITLE } from "./frame.ts";
import { clip } from "./xml-text.ts";

/** The boxes of a comparison as SVG, the root of all first; the change is in words in each box and its title. */
export function* compareFramesMarkup(
  table: CompareFlameTable,
  graphTop: number,
  inner: number,
): Iterable<string> {
  const { flame, self, total, unit } = table;
  const all = { x: 0, w: 1, depth: 0, parent: -1, name: "all", title: "all", fill: "hsl(220 10% 86%)" };
  if (flame.length > 0) yield frameMarkup(all, graphTop, inner);
  for (let row = 0; row < flame.length; row++) {
    const name = clip(flame.strings[flame.name[row]] ?? "", LONGEST_TITLE);
    const change = changeAt(total, row);
    yield frameMarkup(
      {
        x: flame.start[row] / flame.totalValue,
        w: flame.value[row] / flame.totalValue,
        depth: flame.depth[row] + 1,
        parent: flame.parent[row] + 1,
        name: `${name}${isNoise(change) ? "" : ` (${changeText(change)})`}`,
        title: titleOf(name, changeAt(self, row), change, unit),
        fill: colourOf(change),
      },
      graphTop,
      inner,
    );
  }
}

/** "+12.3 %", "new", "gone": of what it was. */
export const changeText = ({ before, change, state }: Change): string =>
  state === "new" || state === "gone"
    ? state
    : state === "same"
      ? "="
      : `${change > 0 ? "+" : "-"}${formatPercent(Math.abs(change), before)}`;

function titleOf(name: string, self: Change, total: Change, unit: string): string {
  const side = (change: Change): string => {
    const half = Number.isFinite(change.changeHalf)
      ? ` ±${formatPercent(change.changeHalf, change.before || change.after)}`
      : "";
    return `${formatValue(change.before, unit)} → ${formatValue(change.after, unit)} (${changeText(change)}${half})`;
  };
  const noise = total.state !== "same" && total.certainty === "within" ? " · may be chance" : "";
  return `${name} · total ${side(total)} · self ${side(self)}${noise}`;
}

/** From nearly white to a strong colour that black letters can still be read on. */
function colourOf(change: Change): string {
  if (isNoise(change)) return "hsl(220 8% 84%)";
  const share = Math.abs(change.change) / Math.max(Math.abs(change.before), Math.abs(change.after));
  const light = Math.round(90 - 28 * Math.min(1, share));
  return change.change > 0 ? `hsl(4 85% ${light}%)` : `hsl(212 85% ${light}%)`;
}
