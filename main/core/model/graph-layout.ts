import { Graph, layout } from "@dagrejs/dagre";
import type { GraphTable } from "./tables.ts";

/** Where the boxes and arrows of a call graph go: of a few hundred edges it takes a tenth of a second and more. */

/** What is to be laid out, as plain data. */
export interface LayoutRequest {
  readonly id: number;
  readonly nodes: readonly { readonly width: number; readonly height: number }[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    /** From 0 to 1: heavy edges are kept short and straight. */
    readonly share: number;
  }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedNode extends Point {
  readonly width: number;
  readonly height: number;
}

/** Places of nodes (their middles) and of edges, in the order of the request. */
export interface GraphLayout {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly (readonly Point[])[];
}

const LEAST_FONT_PX = 11;
const MOST_FONT_PX = 20;
const LONGEST_NAME = 32;
/** dagre keeps more room than that free beside a node with an edge to itself. */
const LOOP_PX = 30;

/** The larger a function's share, the larger its box. */
export const fontPxOf = (share: number): number =>
  LEAST_FONT_PX + (MOST_FONT_PX - LEAST_FONT_PX) * Math.sqrt(Math.min(1, Math.max(0, share)));

/** Long names lose their middle: their ends tell them apart. */
export function shortName(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const half = Math.floor((LONGEST_NAME - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}

/** Room for a name and a line of numbers at the size of its share. */
export function sizeOfNode(name: string, share: number): { readonly width: number; readonly height: number } {
  const font = fontPxOf(share);
  const letters = Math.max(14, Math.min(LONGEST_NAME, name.length));
  return { width: Math.round(letters * font * 0.58 + 20), height: Math.round(font * 1.3 + 15 + 14) };
}

export function layoutRequest(table: GraphTable, id: number, nameOf: (row: number) => string): LayoutRequest {
  const whole = table.totalValue || 1;
  return {
    id,
    nodes: Array.from({ length: table.length }, (_, row) =>
      sizeOfNode(nameOf(row), (table.total[row] ?? 0) / whole),
    ),
    edges: Array.from({ length: table.edges.length }, (_, row) => ({
      from: table.edges.caller[row] ?? 0,
      to: table.edges.callee[row] ?? 0,
      share: (table.edges.value[row] ?? 0) / whole,
    })),
  };
}

/** A smooth line through the points of an edge. */
export function edgePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const last = rest.at(-1);
  if (!last) return "";
  let path = `M${first.x.toFixed(1)},${first.y.toFixed(1)}`;
  for (let at = 0; at < rest.length - 1; at++) {
    const control = rest[at];
    const next = rest[at + 1];
    if (!control || !next) continue;
    const isEnd = at === rest.length - 2;
    const x = isEnd ? next.x : (control.x + next.x) / 2;
    const y = isEnd ? next.y : (control.y + next.y) / 2;
    path += `Q${control.x.toFixed(1)},${control.y.toFixed(1)} ${x.toFixed(1)},${y.toFixed(1)}`;
  }
  return rest.length === 1 ? `${path}L${last.x.toFixed(1)},${last.y.toFixed(1)}` : path;
}

/** A function that calls itself: out of its box on the right, and back in. */
function loopAt({ x, y, width, height }: PlacedNode): readonly Point[] {
  const right = x + width / 2;
  const out = right + LOOP_PX;
  return [
    { x: right, y: y - height / 4 },
    { x: out, y: y - height / 3 },
    { x: out, y: y + height / 3 },
    { x: right, y: y + height / 4 },
  ];
}

export function graphLayout({ id, nodes, edges }: LayoutRequest): GraphLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 24, edgesep: 12, ranksep: 44, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach(({ width, height }, row) => {
    graph.setNode(String(row), { width, height });
  });
  edges.forEach(({ from, to, share }, row) => {
    graph.setEdge(String(from), String(to), { weight: 1 + Math.round(share * 100) }, String(row));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const placed = nodes.map((size, row): PlacedNode => {
    const { x = 0, y = 0 } = graph.node(String(row));
    return { ...size, x, y };
  });
  return {
    id,
    width,
    height,
    nodes: placed,
    edges: edges.map(({ from, to }, row) => {
      const own = from === to ? placed[from] : undefined;
      if (own) return loopAt(own);
      const { points = [] } = graph.edge(String(from), String(to), String(row));
      return points;
    }),
  };
}
