import { type FunctionKind, kindAt, kindIndex } from "#core/model/profile.ts";
import type { FlameTable } from "#core/model/tables.ts";

/** One frame as it is drawn: where it lies, and its neighbours for the keyboard. */
export interface FlameFrame {
  /** Call node id; `allFrameId` for the frame that stands for everything when the table has no root of its own. */
  readonly id: number;
  /** Row of the table, -1 for the made-up root. */
  readonly row: number;
  readonly depth: number;
  /** Left and right edge as shares of the width. */
  readonly x0: number;
  readonly x1: number;
  readonly name: string;
  readonly kind: FunctionKind;
  readonly inlined: boolean;
  readonly matched: boolean;
  /** Function index, -1 for the made-up root. */
  readonly function: number;
  /** Above the frame that is zoomed into: drawn at full width, faded. */
  readonly ancestor: boolean;
  readonly parent: FlameFrame | null;
  /** Left to right. */
  readonly children: readonly FlameFrame[];
}

export interface FlameModel {
  readonly table: FlameTable;
  /** Parents before children. Never empty. */
  readonly frames: readonly FlameFrame[];
  readonly root: FlameFrame;
  /** By depth, each left to right. */
  readonly levels: readonly (readonly FlameFrame[])[];
  readonly byId: ReadonlyMap<number, FlameFrame>;
  /** From the root down to the frame that is zoomed into; only the root when it is not. */
  readonly zoomPath: readonly FlameFrame[];
}

const allFrameId = -1;

interface GrowingFrame extends FlameFrame {
  readonly children: FlameFrame[];
}

/** null when there is nothing to draw. */
export function flameModelOf(table: FlameTable): FlameModel | null {
  if (table.length === 0 || !(table.totalValue > 0)) return null;
  const ownRoot = rootRowOf(table);
  const path = zoomRowsOf(table);
  const place = placeOf(table, ownRoot);
  const shift = ownRoot === -1 ? 1 : 0;
  const frames: GrowingFrame[] = [];
  const byId = new Map<number, FlameFrame>();
  const levels: FlameFrame[][] = [];
  const add = (frame: GrowingFrame): void => {
    frames.push(frame);
    byId.set(frame.id, frame);
    let level = levels[frame.depth];
    if (level === undefined) {
      level = [];
      levels[frame.depth] = level;
    }
    level.push(frame);
  };
  if (ownRoot === -1) add(madeUpRoot(path.size > 0));
  for (let row = 0; row < table.length; row++) {
    const parentRow = table.parent[row] ?? -1;
    const parent = frames[parentRow === -1 ? 0 : parentRow + shift] ?? null;
    const onPath = path.has(row);
    const [x0, x1] = onPath ? [0, 1] : place(row);
    const frame: GrowingFrame = {
      id: table.node[row] ?? row,
      row,
      depth: row === ownRoot ? 0 : (parent?.depth ?? -1) + 1,
      x0,
      x1,
      name: table.strings[table.name[row] ?? -1] ?? "",
      kind: kindAt(table.kind[row] ?? -1),
      inlined: table.inlined[row] === 1,
      matched: table.matched[row] === 1,
      function: table.function[row] ?? -1,
      ancestor: onPath && row !== table.rootRow,
      parent: row === ownRoot ? null : parent,
      children: [],
    };
    add(frame);
    if (frame.parent !== null) (frame.parent as GrowingFrame).children.push(frame);
  }
  const root = frames[0];
  if (root === undefined) return null;
  for (const level of levels) level.sort((a, b) => a.x0 - b.x0);
  return {
    table,
    frames,
    root,
    levels,
    byId,
    zoomPath: zoomPathOf(root, frames[table.rootRow + shift], table),
  };
}

/** The one frame that the frame at this place belongs to, or null between frames. */
export function frameAt(model: FlameModel, depth: number, x: number): FlameFrame | null {
  const level = model.levels[depth];
  if (level === undefined) return null;
  let low = 0;
  let high = level.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const frame = level[middle];
    if (frame === undefined) return null;
    if (x < frame.x0) high = middle - 1;
    else if (x >= frame.x1) low = middle + 1;
    else return frame;
  }
  return null;
}

/** The first row, when it stands for everything and everything hangs under it. */
function rootRowOf(table: FlameTable): number {
  if (table.kind[0] !== kindIndex("root") || table.parent[0] !== -1) return -1;
  for (let row = 1; row < table.length; row++) if (table.parent[row] === -1) return -1;
  return 0;
}

/** The zoomed row and its ancestors. */
function zoomRowsOf(table: FlameTable): ReadonlySet<number> {
  const rows = new Set<number>();
  for (let row = table.rootRow; row >= 0 && !rows.has(row); row = table.parent[row] ?? -1) rows.add(row);
  return rows;
}

function placeOf(table: FlameTable, ownRoot: number): (row: number) => readonly [number, number] {
  const base = table.rootRow >= 0 ? table.rootRow : ownRoot;
  const left = base >= 0 ? (table.start[base] ?? 0) : 0;
  const span = base >= 0 ? (table.value[base] ?? 0) : table.totalValue;
  return (row) => {
    const start = ((table.start[row] ?? 0) - left) / span;
    const end = start + (table.value[row] ?? 0) / span;
    return [clampShare(start), clampShare(end)];
  };
}

function clampShare(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}

function madeUpRoot(zoomed: boolean): GrowingFrame {
  return {
    id: allFrameId,
    row: -1,
    depth: 0,
    x0: 0,
    x1: 1,
    name: "all",
    kind: "root",
    inlined: false,
    matched: false,
    function: -1,
    ancestor: zoomed,
    parent: null,
    children: [],
  };
}

function zoomPathOf(
  root: FlameFrame,
  zoomed: FlameFrame | undefined,
  table: FlameTable,
): readonly FlameFrame[] {
  if (zoomed === undefined || table.rootRow < 0) return [root];
  const path: FlameFrame[] = [];
  for (let frame: FlameFrame | null = zoomed; frame !== null; frame = frame.parent) path.push(frame);
  return path.reverse();
}
