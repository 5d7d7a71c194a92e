import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import {
  edgePath,
  type GraphLayout,
  graphLayout,
  layoutRequest,
  shortName,
  sizeOfNode,
} from "#core/model/graph-layout.ts";
import { fitted, readable, refitted } from "../../../../renderer/views/graph/graph-camera.ts";
import { neighbourOf, shapeOf } from "../../../../renderer/views/graph/graph-layout.ts";
import { callsAsText, wordsOf } from "../../../../renderer/views/graph/graph-view.tsx";
import { profileOf } from "../../core/stacks-profile.ts";

const table = createAnalyst().answer(
  profileOf([
    { stack: "main;parse;read", weight: 6 },
    { stack: "main;draw", weight: 3 },
    { stack: "main;parse;parse", weight: 1 },
  ]),
  { view: "graph", selection: {} },
);
const row = (name: string): number =>
  table.name.subarray(0, table.length).findIndex((at) => table.strings[at] === name);

/** main above parse and draw, read below parse. */
const places: Readonly<Record<string, readonly [number, number]>> = {
  main: [50, 0],
  parse: [20, 50],
  draw: [80, 50],
  read: [20, 100],
};
const layout: GraphLayout = {
  id: 1,
  width: 100,
  height: 120,
  edges: [],
  nodes: Array.from(table.name, (at) => {
    const [x, y] = places[table.strings[at] ?? ""] ?? [0, 0];
    return { x, y, width: 10, height: 10 };
  }),
};

describe("the call graph", () => {
  it("is gone through along the heaviest calls, and sideways at one height", () => {
    const step = (from: string, key: Parameters<typeof neighbourOf>[3]): number =>
      neighbourOf(table, layout, row(from), key);
    expect(step("main", "ArrowDown")).toBe(row("parse"));
    expect(step("parse", "ArrowDown")).toBe(row("read"));
    expect(step("read", "ArrowUp")).toBe(row("parse"));
    expect(step("main", "ArrowUp")).toBe(-1);
    expect(step("parse", "ArrowRight")).toBe(row("draw"));
    expect(step("draw", "ArrowLeft")).toBe(row("parse"));
    expect(step("draw", "ArrowRight")).toBe(-1);
  });

  it("draws a call of a function to itself beside its box, out and back in", () => {
    const { edges } = table;
    const laid = graphLayout(layoutRequest(table, 1, (at) => table.strings[table.name[at] ?? -1] ?? ""));
    const own = Array.from(edges.caller).findIndex((caller, edge) => caller === edges.callee[edge]);
    const node = laid.nodes[row("parse")] ?? { x: 0, y: 0, width: 0, height: 0 };
    const points = laid.edges[own] ?? [];
    expect([points[0]?.x, points.at(-1)?.x]).toEqual([node.x + node.width / 2, node.x + node.width / 2]);
    for (const { x, y } of points) {
      expect(x).toBeGreaterThanOrEqual(node.x + node.width / 2);
      expect(x).toBeLessThanOrEqual(laid.width);
      expect(Math.abs(y - node.y)).toBeLessThan(node.height / 2);
    }
  });

  it("is laid out anew only when its shape is another", () => {
    const longer = createAnalyst().answer(
      profileOf([
        { stack: "main;parse;read", weight: 60 },
        { stack: "main;draw", weight: 30 },
        { stack: "main;parse;parse", weight: 10 },
      ]),
      { view: "graph", selection: {} },
    );
    expect(shapeOf(longer)).toBe(shapeOf(table));
    const request = layoutRequest(table, 7, () => "name");
    expect([request.id, request.nodes.length, request.edges.length]).toEqual([7, 4, table.edges.length]);
    expect(request.edges[0]?.share).toBeCloseTo(0.7);
  });

  it("gives heavy functions larger boxes, and long names their two ends", () => {
    expect(sizeOfNode("f", 1).height).toBeGreaterThan(sizeOfNode("f", 0.01).height);
    const name = `std::vector<${"x".repeat(100)}>::push_back`;
    expect(shortName(name)).toMatch(/^std::vector<x+…x*>::push_back$/);
    expect(shortName(name).length).toBeLessThanOrEqual(32);
  });

  it("draws edges as one smooth line from end to end", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 10, y: 20 },
      { x: 30, y: 40 },
      { x: 30, y: 60 },
    ];
    expect(edgePath(points)).toBe("M0.0,0.0Q10.0,20.0 20.0,30.0Q30.0,40.0 30.0,60.0");
    expect(edgePath(points.slice(0, 2))).toBe("M0.0,0.0L10.0,20.0");
    expect(edgePath([])).toBe("");
  });

  it("is said in words and as a table", () => {
    expect(wordsOf(table, row("parse")).replaceAll("\u00a0", " ")).toBe(
      "parse: total 70.0 %, self 10.0 % · mostly called by main (70.0 %) · mostly calls read (60.0 %)",
    );
    expect(callsAsText(table).split("\n").slice(0, 2)).toEqual([
      "caller\tcallee\tvalue (nanoseconds)\tnote",
      "main\tparse\t7\t",
    ]);
  });
});

describe("the picture of the graph in a panel of another size", () => {
  const wide: GraphLayout = { ...layout, width: 2000, height: 400 };
  const [small, large] = [
    { widthPx: 600, heightPx: 300 },
    { widthPx: 1500, heightPx: 800 },
  ];
  const middle = ({ x, y, scale }: ReturnType<typeof fitted>, { widthPx, heightPx }: typeof small) => [
    (widthPx / 2 - x) / scale,
    (heightPx / 2 - y) / scale,
  ];

  it("shows all of it again, where all of it was shown", () => {
    const before = fitted(wide, small);
    expect(before.scale).toBeCloseTo(0.3);
    expect(refitted(before, wide, small, large).scale).toBeCloseTo(fitted(wide, large).scale);
    expect(refitted(before, wide, small, small)).toBe(before);
  });

  it("keeps its middle, and how far it was zoomed in", () => {
    const before = { x: -400, y: 12, scale: 0.6 };
    const after = refitted(before, wide, small, large);
    expect(after.scale / fitted(wide, large).scale).toBeCloseTo(0.6 / fitted(wide, small).scale);
    middle(after, large).forEach((at, axis) => {
      expect(at).toBeCloseTo(middle(before, small)[axis] ?? Number.NaN);
    });
  });

  it("begins where names can be read", () => {
    expect(readable(wide, small).scale).toBe(0.7);
    expect(readable(layout, large)).toEqual(fitted(layout, large));
  });
});
