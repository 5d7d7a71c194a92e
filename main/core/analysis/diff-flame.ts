import type { DiffFlameRow, DiffFlameTable } from "../model/diff-tables.ts";
import { changeOf, type DiffTree } from "./diff.ts";

/** Nodes of at least `minPx` at this width, level by level, siblings by name. */
export function diffFlame(diff: DiffTree, widthPx: number, minPx: number, maxRows: number): DiffFlameTable {
  const { length, parent, before, after, name, strings } = diff;
  const widths = new Float64Array(length);
  const ofChildren = new Float64Array(length);
  let whole = 0;
  for (let node = length - 1; node >= 0; node--) {
    const width = Math.max(before.total[node], after.total[node], ofChildren[node]);
    widths[node] = width;
    if (parent[node] === -1) whole += width;
    else ofChildren[parent[node]] += width;
  }
  const least = widthPx > 0 ? (whole / widthPx) * minPx : 0;
  let drawn: number[] = [];
  for (let node = 0; node < length; node++) if (widths[node] > 0 && widths[node] >= least) drawn.push(node);
  // A caller is never narrower than what it calls, so the widest rows are whole paths.
  if (drawn.length > maxRows)
    drawn = drawn
      .sort((a, b) => widths[b] - widths[a] || a - b)
      .slice(0, maxRows)
      .sort((a, b) => a - b);

  const children = new Map<number, number[]>();
  for (const node of drawn) {
    const siblings = children.get(parent[node]);
    if (siblings) siblings.push(node);
    else children.set(parent[node], [node]);
  }
  const nameOf = (node: number): string => strings[name[node]] ?? "";
  const rows: DiffFlameRow[] = [];
  const nodes: number[] = [];
  const place = (above: number, row: number, from: number): void => {
    let start = from;
    const siblings = children.get(above) ?? [];
    siblings.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : a - b));
    for (const node of siblings) {
      nodes.push(node);
      rows.push({
        name: nameOf(node),
        parent: row,
        depth: diff.depth[node],
        start,
        width: widths[node],
        self: changeOf(
          before.self[node],
          after.self[node],
          before.selfCount[node],
          after.selfCount[node],
          diff.scale,
        ),
        total: changeOf(
          before.total[node],
          after.total[node],
          before.totalCount[node],
          after.totalCount[node],
          diff.scale,
        ),
      });
      start += widths[node];
    }
  };
  place(-1, -1, 0);
  for (let row = 0; row < rows.length; row++) place(nodes[row], row, rows[row].start);
  return { unit: diff.unit, width: whole, rows, narrowNodes: length - rows.length };
}
