import { Graph, layout } from "@dagrejs/dagre";
import type { GraphLayout, LayoutRequest } from "./graph-layout.ts";

/** Lays out a call graph away from the page's own thread: a few hundred edges take a tenth of a second and more. */
self.addEventListener("message", ({ data }: MessageEvent<LayoutRequest>) => self.postMessage(placed(data)));

function placed({ id, nodes, edges }: LayoutRequest): GraphLayout {
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
  return {
    id,
    width,
    height,
    nodes: nodes.map((size, row) => {
      const { x = 0, y = 0 } = graph.node(String(row));
      return { ...size, x, y };
    }),
    edges: edges.map(({ from, to }, row) => {
      const { points = [] } = graph.edge(String(from), String(to), String(row));
      return points;
    }),
  };
}
