import { formatCount, formatDuration, formatValue } from "../../../base/numbers.ts";
import type { HeatmapTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { pixel } from "../frame.ts";
import { AXIS_PX, axis, ground } from "../time-picture.ts";
import { panelOf } from "./report-panel.ts";

/** Seconds from left to right, the parts of each from its beginning at the top. */
export const heatmap = panelOf(
  { id: "heatmap", title: "Heat map", isDefault: false, isInPicture: false },
  ({ answer, selection, inner }) => {
    const table = answer({ view: "heatmap", selection, rows: 20, maxColumns: 200, columnNs: 100e6 });
    return table.timed && table.columns > 0 && table.largest > 0 ? blocksOf(table, inner) : [];
  },
);

const CELL_PX = 10;
/** Steps of strength: more cannot be told apart. */
const STEPS = 8;

function blocksOf(table: HeatmapTable, inner: number): readonly Block[] {
  const { columns, rows, values, largest, columnNs, unit, startNs } = table;
  const wide = Math.min(4 * CELL_PX, inner / columns);
  const [width, height] = [wide * columns, rows * CELL_PX];
  // One path a step: a few elements, however many cells.
  const paths = Array.from({ length: STEPS }, (): string[] => []);
  for (let at = 0; at < columns; at++)
    for (let row = 0; row < rows; row++) {
      const value = values[at * rows + row] as number;
      if (!(value > 0)) continue;
      const step = Math.min(STEPS - 1, Math.floor((STEPS * value) / largest));
      const x = pixel(at * wide);
      paths[step]?.push(`M${x} ${row * CELL_PX}h${pixel(wide)}v${CELL_PX}h-${pixel(wide)}z`);
    }
  const cells = paths.flatMap((path, step) =>
    path.length > 0
      ? [`<path class="hot" fill-opacity="${(step + 1) / STEPS}" d="${path.join("")}"/>\n`]
      : [],
  );
  const column = formatDuration(columnNs);
  return [
    {
      kind: "words",
      text: `Each column is ${column}, from top to bottom; the darker, the more was going on: ${formatValue(largest, unit)} at most in ${formatDuration(columnNs / rows)}.`,
    },
    {
      kind: "picture",
      label: `Heat map: ${formatCount(columns)} columns of ${column}`,
      width,
      height: height + AXIS_PX,
      markup: [
        ground(0, width, height),
        ...cells,
        axis(height, width, startNs, startNs + columns * columnNs),
      ],
    },
  ];
}
