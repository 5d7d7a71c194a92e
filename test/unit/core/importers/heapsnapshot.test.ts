import { describe, expect, test } from "vitest";
import { memorySource } from "#core/bytes/source.ts";
import { heapsnapshot } from "#core/importers/heapsnapshot.ts";
import { readSession, writeSession } from "#core/model/session.ts";
import { bytesOf, feed, fixture, importContext, namesOf, total } from "./importing.ts";

const meta = {
  node_fields: ["type", "name", "id", "self_size", "edge_count", "detachedness"],
  node_types: [["hidden", "object", "synthetic", "string"], "string", "number", "number", "number", "number"],
  edge_fields: ["type", "name_or_index", "to_node"],
  edge_types: [["element", "property", "weak"], "string_or_number", "node"],
};
const strings = ["", "Owner", "Item", "first", "cache"];

/** Root, an Owner of 10 bytes, an Item of 5 bytes that it owns. */
const small = {
  snapshot: { meta, node_count: 3, edge_count: 3 },
  nodes: [2, 0, 1, 0, 1, 0, 1, 1, 3, 10, 1, 0, 1, 2, 5, 5, 1, 2],
  edges: [1, 3, 6, 0, 7, 12, 2, 4, 6],
  strings,
};
const read = (value: unknown) => feed(heapsnapshot, bytesOf(JSON.stringify(value)));

test("nodes, edges and strings name each other by number", () => {
  const { heap, strings: texts } = read(small);
  const text = (index: number | undefined) => (index === undefined ? undefined : texts[index]);
  expect(heap?.nodes.length).toBe(3);
  expect(Array.from(heap?.nodes.name ?? [], text)).toEqual(["", "Owner", "Item"]);
  expect(Array.from(heap?.nodes.type ?? [], text)).toEqual(["synthetic", "object", "object"]);
  expect(Array.from(heap?.nodes.id ?? [])).toEqual([1, 3, 5]);
  expect(Array.from(heap?.nodes.selfSizeBytes ?? [])).toEqual([0, 10, 5]);
  expect(Array.from(heap?.nodes.firstEdge ?? [])).toEqual([0, 1, 2, 3]);
  expect(Array.from(heap?.nodes.detached ?? [])).toEqual([0, 0, 1]);
  expect(Array.from(heap?.edges.type ?? [], text)).toEqual(["property", "element", "weak"]);
  expect(Array.from(heap?.edges.name ?? [], (name) => texts[name] ?? null)).toEqual(["first", null, "cache"]);
  expect(Array.from(heap?.edges.index ?? [])).toEqual([-1, 7, -1]);
  expect(Array.from(heap?.edges.to ?? [])).toEqual([1, 2, 1]);
});

test("an object's stack is what keeps it alive", () => {
  const profile = read(small);
  const [series] = profile.series;
  expect(Array.from(series?.stack ?? [], (stack) => namesOf(profile, stack).join(" > "))).toEqual([
    "Owner",
    "Owner > Item",
  ]);
  expect(Array.from(series?.values[0]?.data ?? [])).toEqual([10, 5]);
});

describe("damage", () => {
  test("references to objects that are not there are left out", () => {
    const profile = read({ ...small, edges: [1, 3, 6, 0, 7, 13, 2, 4, 600] });
    expect(profile.heap?.edges.length).toBe(1);
    expect(Array.from(profile.heap?.nodes.firstEdge ?? [])).toEqual([0, 1, 1, 1]);
    expect(profile.meta.notes.join()).toContain("2 references do not lead");
  });

  test("an object that claims 2^60 references has those that are there", () => {
    const nodes = [...small.nodes];
    nodes[4] = 2 ** 60;
    const profile = read({ ...small, nodes });
    expect(Array.from(profile.heap?.nodes.firstEdge ?? [])).toEqual([0, 3, 3, 3]);
  });

  test("no objects at all", () => {
    expect(read({ snapshot: { meta } }).meta.notes).toContain("The file has no objects.");
  });

  test("more rows than allowed", () => {
    const limits = { ...importContext().limits, maxSamples: 2 };
    const profile = feed(heapsnapshot, bytesOf(JSON.stringify(small)), [], importContext({ limits }));
    expect(profile.heap?.nodes.length).toBe(2);
    expect(profile.meta.notes).toContain("Only the first 2 rows of each table were read.");
  });
});

describe("an allocation timeline", () => {
  const profile = feed(heapsnapshot, fixture("heapsnapshot/timeline.heaptimeline"));

  test("100 things of 40 bytes were made by makeThing, 20 each tenth of a second", () => {
    const series = profile.series.find(({ id }) => id === "timeline");
    if (!series?.time) throw new Error("no timeline");
    const times = new Map<number, number>();
    for (let i = 0; i < series.length; i++) {
      const names = namesOf(profile, series.stack[i] as number);
      // The constructor's own frame is of its class's name, too: what it makes is another kind.
      if (names.at(-1) !== "LeakyThing" || names.at(-2) !== "makeThing") continue;
      const timeNs = series.time[i] as number;
      times.set(timeNs, (times.get(timeNs) ?? 0) + (series.values[1]?.data?.[i] as number));
      expect(series.values[0]?.data?.[i]).toBe(40 * (series.values[1]?.data?.[i] as number));
    }
    expect([...times.values()].reduce((sum, each) => sum + each, 0)).toBe(100);
    expect(times.size).toBeGreaterThanOrEqual(4);
  });

  test("objects know where they were allocated", () => {
    const { heap, strings: texts } = profile;
    if (!heap) throw new Error("no heap");
    const stacks = Array.from(heap.nodes.name, (name, node) =>
      texts[name] === "LeakyThing" && texts[heap.nodes.type[node] as number] === "object"
        ? namesOf(profile, heap.nodes.stack[node] as number).at(-1)
        : null,
    ).filter((name) => name !== null);
    expect(stacks.filter((name) => name === "makeThing")).toHaveLength(100);
  });

  test("all that was allocated is a series, with what is gone", () => {
    const allocations = profile.series.find(({ id }) => id === "allocations");
    expect(allocations && total(allocations, 1)).toBe(2874);
  });
});

test("a session keeps the objects", async () => {
  const profile = feed(heapsnapshot, fixture("heapsnapshot/timeline.heaptimeline"));
  const parts = writeSession({ profile, header: {}, log: [], raw: null });
  const saved = await readSession(memorySource(new Uint8Array(Buffer.concat(parts))));
  expect(saved.profile.heap).toStrictEqual(profile.heap);
  expect(saved.profile.series).toStrictEqual(profile.series);
});
