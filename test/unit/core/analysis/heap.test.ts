import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { heapDiff } from "#core/analysis/heap-diff.ts";
import { createAnalyst } from "#core/analysis/index.ts";
import { heapsnapshot } from "#core/importers/heapsnapshot.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { heapDominators } from "#core/model/heap-dominators.ts";
import type { HeapGraph, Profile } from "#core/model/profile.ts";
import type { HeapTable } from "#core/model/tables.ts";

interface Node {
  readonly name: string;
  readonly size?: number;
  readonly type?: string;
  readonly id?: number;
  /** "property name" or "type:name", and the row it leads to. */
  readonly to?: readonly (readonly [string, number])[];
}

/** A profile with a heap that is written by hand; row 0 is the root. */
function heapOf(nodes: readonly Node[]): Profile {
  const out = new ProfileBuilder();
  const edges = nodes.flatMap(({ to = [] }) => to);
  const split = (text: string): readonly [string, string] => {
    const [type, name] = text.includes(":") ? text.split(":") : ["property", text];
    return [type ?? "", name ?? ""];
  };
  let firstEdge = 0;
  const graph: HeapGraph = {
    nodes: {
      length: nodes.length,
      type: Int32Array.from(nodes, ({ type = "object" }, i) => out.string(i === 0 ? "synthetic" : type)),
      name: Int32Array.from(nodes, ({ name }) => out.string(name)),
      id: Float64Array.from(nodes, ({ id }, i) => id ?? 2 * i + 1),
      selfSizeBytes: Float64Array.from(nodes, ({ size = 1 }) => size),
      firstEdge: Int32Array.from([0, ...nodes.map(({ to = [] }) => (firstEdge += to.length))]),
      detached: new Uint8Array(nodes.length),
      stack: new Int32Array(nodes.length).fill(-1),
    },
    edges: {
      length: edges.length,
      type: Int32Array.from(edges, ([text]) => out.string(split(text)[0])),
      name: Int32Array.from(edges, ([text]) =>
        split(text)[0] === "element" ? -1 : out.string(split(text)[1]),
      ),
      index: Int32Array.from(edges, ([text]) => (split(text)[0] === "element" ? Number(split(text)[1]) : -1)),
      to: Int32Array.from(edges, ([, to]) => to),
    },
  };
  out.heap(graph);
  return out.build();
}

const dominatorsOf = (profile: Profile) => {
  if (!profile.heap) throw new Error("no heap");
  return heapDominators(profile.heap, (index) => profile.strings[index] ?? "");
};
const retained = (profile: Profile): number[] => Array.from(dominatorsOf(profile).retainedBytes);
const ask = (profile: Profile, query: Record<string, unknown> = {}): HeapTable =>
  createAnalyst().answer(profile, { view: "heap", ...query });

describe("dominators", () => {
  test("a diamond hangs at where it opens", () => {
    const profile = heapOf([
      { name: "", size: 0, to: [["a", 1]] },
      {
        name: "A",
        size: 1,
        to: [
          ["b", 2],
          ["c", 3],
        ],
      },
      { name: "B", size: 2, to: [["d", 4]] },
      { name: "C", size: 4, to: [["d", 4]] },
      { name: "D", size: 8, to: [["a", 1]] },
    ]);
    expect(Array.from(dominatorsOf(profile).dominator)).toEqual([0, 0, 1, 1, 1]);
    expect(retained(profile)).toEqual([15, 15, 2, 4, 8]);
  });

  test("weak references and shortcuts hold nothing", () => {
    const profile = heapOf([
      {
        name: "",
        size: 0,
        to: [
          ["a", 1],
          ["weak:w", 2],
          ["b", 3],
        ],
      },
      { name: "A", to: [["weak:d", 4]] },
      { name: "B" },
      { name: "C", to: [["d", 4]] },
      { name: "D", to: [["self", 4]] },
    ]);
    expect(retained(profile)).toEqual([4, 1, 1, 2, 1]);
  });

  test("what a debugger holds belongs to the page that owns it", () => {
    const profile = heapOf([
      {
        name: "",
        size: 0,
        to: [
          ["shortcut:window", 1],
          ["element:1", 2],
        ],
      },
      { name: "Window", to: [["x", 3]] },
      { name: "(Debugger)", to: [["x", 3]] },
      { name: "X" },
    ]);
    expect(Array.from(dominatorsOf(profile).dominator)).toEqual([0, 0, 0, 1]);
  });

  test("a WeakMap's value is held by its key", () => {
    const pair = "internal:1 / part of key (K @5) -> value (V @7) pair in WeakMap (table @9)";
    const profile = heapOf([
      {
        name: "",
        size: 0,
        to: [
          ["key", 2],
          ["map", 4],
        ],
      },
      { name: "unused" },
      { name: "K", id: 5, to: [[pair, 3]] },
      { name: "V", id: 7 },
      { name: "table", id: 9, to: [[pair, 3]] },
    ]);
    expect(dominatorsOf(profile).dominator[3]).toBe(2);
  });

  test("a list of 200,000", () => {
    const count = 200_000;
    const profile = heapOf(
      Array.from({ length: count }, (_, i) => ({
        name: "Link",
        to: i + 1 < count ? [["next", i + 1] as const] : [],
      })),
    );
    expect(dominatorsOf(profile).retainedBytes[0]).toBe(count);
    expect(ask(profile).classes).toEqual([
      { name: "Link", objects: count - 1, selfBytes: count - 1, retainedBytes: count - 1 },
    ]);
  });

  test("any graph: what cannot be reached without an object is what it dominates", () => {
    const edge = fc.tuple(fc.nat(11), fc.nat(11));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 30 }), (pairs) => {
        // The root leads to all that nothing else does, so that everything can be reached.
        const to = Array.from({ length: 12 }, (_, i) => pairs.filter(([from]) => from === i));
        const reachedWithout = (cut: number): ReadonlySet<number> => {
          const seen = new Set([0]);
          const waiting = [0];
          for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
            for (const [, next] of to[at] ?? [])
              if (next !== cut && !seen.has(next)) {
                seen.add(next);
                waiting.push(next);
              }
          return seen;
        };
        for (let node = 1; node < 12; node++) if (!reachedWithout(-1).has(node)) to[0]?.push([0, node]);
        const profile = heapOf(
          to.map((list, i) => ({ name: `N${i}`, to: list.map(([, node]) => ["x", node] as const) })),
        );
        const { retainedBytes } = dominatorsOf(profile);
        for (let node = 1; node < 12; node++)
          expect(retainedBytes[node], `node ${node}`).toBe(12 - reachedWithout(node).size);
      }),
    );
  });
});

describe("the heap's view", () => {
  const profile = heapOf([
    {
      name: "",
      size: 0,
      to: [
        ["element:1", 1],
        ["global", 2],
      ],
    },
    { name: "(GC roots)", size: 0, type: "synthetic", to: [["x", 6]] },
    {
      name: "Window",
      size: 10,
      to: [
        ["list", 3],
        ["not a name", 5],
      ],
    },
    {
      name: "List",
      size: 5,
      to: [
        ["element:0", 4],
        ["element:1", 5],
      ],
    },
    { name: "List", size: 5, to: [["context:captured", 7]] },
    { name: "Item", size: 3 },
    { name: "secret", size: 2, type: "hidden" },
    { name: "text", size: 7, type: "string" },
  ]);

  test("sums by kind, an object within another of its kind once", () => {
    expect(ask(profile).classes).toEqual([
      { name: "Window", objects: 1, selfBytes: 10, retainedBytes: 30 },
      { name: "List", objects: 2, selfBytes: 10, retainedBytes: 17 },
      { name: "(string)", objects: 1, selfBytes: 7, retainedBytes: 7 },
      { name: "Item", objects: 1, selfBytes: 3, retainedBytes: 3 },
      { name: "(GC roots)", objects: 1, selfBytes: 0, retainedBytes: 2 },
      { name: "(system)", objects: 1, selfBytes: 2, retainedBytes: 2 },
    ]);
    expect(ask(profile, { filter: "^list$", sort: "name" }).classes.map(({ name }) => name)).toEqual([
      "List",
    ]);
    expect(ask(profile, { limit: 2, sort: "self" })).toMatchObject({
      classesInAll: 6,
      totalBytes: 32,
      objects: 8,
    });
  });

  test("the objects of a kind, the most retained first", () => {
    expect(
      ask(profile, { members: "List" }).members.map(({ object, retainedBytes, distance }) => [
        object,
        retainedBytes,
        distance,
      ]),
    ).toEqual([
      [3, 17, 2],
      [4, 12, 3],
    ]);
  });

  test("who holds an object, and the shortest way to it", () => {
    const table = ask(profile, { object: 7 });
    expect(table.object).toMatchObject({ name: "text", className: "(string)", distance: 4 });
    expect(table.path.map(({ name, reference }) => `${reference} of ${name}`)).toEqual([
      "captured of List",
      "[0] of List",
      ".list of Window",
      ".global of ",
    ]);
    const item = ask(profile, { object: 5 });
    expect(item.retainers.map(({ name, reference }) => `${name}${reference}`)).toEqual([
      'Window["not a name"]',
      "List[1]",
    ]);
  });

  test("what only the runtime holds has no distance", () => {
    expect(ask(profile, { object: 6 }).object?.distance).toBe(-1);
    expect(ask(profile, { object: 6 }).path.map(({ name }) => name)).toEqual(["(GC roots)", ""]);
  });

  test("no heap", () => {
    expect(ask(new ProfileBuilder().build())).toMatchObject({ objects: 0, classes: [] });
  });
});

test("two snapshots by the numbers of their objects", () => {
  const before = heapOf([
    { name: "", size: 0 },
    { name: "A", id: 3, size: 10 },
    { name: "A", id: 5, size: 10 },
    { name: "B", id: 7, size: 1 },
  ]);
  const after = heapOf([
    { name: "", size: 0 },
    { name: "A", id: 9, size: 20 },
    { name: "A", id: 3, size: 12 },
    { name: "C", id: 7, size: 4 },
  ]);
  const shared = {
    objectsBefore: 0,
    objectsAfter: 0,
    newObjects: 0,
    newBytes: 0,
    goneObjects: 0,
    goneBytes: 0,
    grownBytes: 0,
  };
  expect(heapDiff(before, after)).toEqual([
    {
      ...shared,
      name: "A",
      objectsBefore: 2,
      objectsAfter: 2,
      newObjects: 1,
      newBytes: 20,
      goneObjects: 1,
      goneBytes: 10,
      grownBytes: 2,
      deltaBytes: 12,
    },
    { ...shared, name: "C", objectsAfter: 1, newObjects: 1, newBytes: 4, deltaBytes: 4 },
    { ...shared, name: "B", objectsBefore: 1, goneObjects: 1, goneBytes: 1, deltaBytes: -1 },
  ]);
});

/** 500 things of 40 bytes, each with a buffer of 2,000 bytes of its own, held by one array; and 300 more in the second. */
const program = `
  class LeakyThing { constructor() { this.numbers = new Float64Array(250); } }
  const kept = [];
  globalThis.holder = { kept };
  const { writeHeapSnapshot } = require("node:v8");
  for (let i = 0; i < 500; i++) kept.push(new LeakyThing());
  writeHeapSnapshot(process.argv[1]);
  for (let i = 0; i < 300; i++) kept.push(new LeakyThing());
  writeHeapSnapshot(process.argv[2]);
`;

describe("snapshots of a program", () => {
  let folder = "";
  let first: Profile;
  let second: Profile;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "heap-"));
    const paths = ["first", "second"].map((name) => join(folder, `${name}.heapsnapshot`));
    execFileSync(process.execPath, ["-e", program, ...paths], { cwd: folder });
    const [a, b] = paths.map((path) => {
      const out = new ProfileBuilder();
      const context = {
        signal: new AbortController().signal,
        limits: defaultLimits,
        name: "",
        progress: () => undefined,
      };
      const parser = heapsnapshot.open(out, context);
      parser.push(new Uint8Array(readFileSync(path)));
      parser.end();
      return out.build();
    });
    if (!a || !b) throw new Error("no snapshots");
    first = a;
    second = b;
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("the things hold their buffers, and the array holds the things", () => {
    const leaky = ask(first, { filter: "^LeakyThing$" }).classes[0];
    expect(leaky?.objects).toBe(500);
    expect(leaky?.retainedBytes).toBeGreaterThan(500 * 2000);
    expect(leaky?.retainedBytes).toBeLessThan(500 * 2500);
    const { members } = ask(first, { members: "LeakyThing", limit: 1 });
    const path = ask(first, { object: members[0]?.object }).path.map(({ reference }) => reference);
    expect(path.slice(0, 3).join(" ")).toMatch(/^\[\d+\] \.kept \.holder|^\[\d+\] elements .* \.kept/);
  });

  test("top by what the dominator tree shows is the same retained size", () => {
    const top = createAnalyst().answer(first, {
      view: "top",
      selection: { series: "heap" },
      sort: "total",
      limit: 1e6,
    });
    for (const row of ask(first).classes.slice(0, 30)) {
      const at = top.name.findIndex((name) => top.strings[name] === row.name);
      // Parts of the root have no size of their own; two kinds may share a name.
      if (row.name.startsWith("(")) continue;
      expect(top.total[at], row.name).toBe(row.retainedBytes);
    }
  });

  test("300 things are new, none is gone", () => {
    const leaky = heapDiff(first, second).find(({ name }) => name === "LeakyThing");
    expect(leaky).toMatchObject({
      objectsBefore: 500,
      objectsAfter: 800,
      newObjects: 300,
      goneObjects: 0,
      grownBytes: 0,
    });
  });

  test("info says it", () => {
    const names = createAnalyst()
      .answer(first, { view: "info" })
      .heap.map(({ name }) => name);
    expect(names).toContain("LeakyThing");
  });
});
