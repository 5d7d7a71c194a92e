import type { GraphLayout } from "#core/model/graph-layout.ts";
import type { GraphTable } from "#core/model/tables.ts";

/** What makes another layout: who is there and who calls whom. Costs move within it. */
export const shapeOf = (table: GraphTable): string =>
  JSON.stringify([[...table.function], [...table.edges.caller], [...table.edges.callee]]);

/** Where the arrow keys lead: along the heaviest call, or to the neighbour at the same height. -1 for nowhere. */
export function neighbourOf(
  table: GraphTable,
  layout: GraphLayout,
  row: number,
  key: "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight",
): number {
  const { edges } = table;
  if (key === "ArrowDown" || key === "ArrowUp") {
    const [here, there] = key === "ArrowDown" ? [edges.caller, edges.callee] : [edges.callee, edges.caller];
    // The heaviest come first.
    for (let edge = 0; edge < edges.length; edge++)
      if (here[edge] === row && there[edge] !== row) return there[edge] ?? -1;
    return -1;
  }
  const from = layout.nodes[row];
  if (!from) return -1;
  let best = -1;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [at, node] of layout.nodes.entries()) {
    const away = key === "ArrowRight" ? node.x - from.x : from.x - node.x;
    const distance = away + 4 * Math.abs(node.y - from.y);
    if (at === row || away <= 0 || distance >= nearest) continue;
    best = at;
    nearest = distance;
  }
  return best;
}
