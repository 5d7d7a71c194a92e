import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { addProfile } from "#core/model/merge.ts";
import type { ObjectStates } from "#core/model/object-states.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything } from "#core/model/query.ts";

const seriesId = "jdk.OldObjectSample";

interface Told {
  readonly site: string;
  readonly born: number;
  readonly bytes: number;
  readonly timeNs?: number;
  readonly type?: string;
  readonly keptBy?: string;
}

/** A piece that tells of all objects that are there, and of allocations beside them. */
function piece(told: readonly Told[], allocated: Readonly<Record<string, number>> = {}): Profile {
  const out = new ProfileBuilder();
  const thread = out.thread(out.process(1, "java"), 2, "main");
  const stackOf = (site: string): number =>
    ["main", site].reduce(
      (stack, name) =>
        out.stack(stack, out.frame({ function: out.function({ name: out.string(name), kind: "java" }) })),
      -1,
    );
  const allocations = out.series({
    id: "jdk.ObjectAllocationSample",
    kind: "alloc",
    timed: true,
    values: [{ name: "weight", unit: "bytes" }],
  });
  for (const [site, bytes] of Object.entries(allocated))
    allocations.addValues(1, thread, stackOf(site), [bytes]);
  const series = out.series({
    id: seriesId,
    kind: "heap",
    timed: true,
    values: [
      { name: "size", unit: "bytes" },
      { name: "objects", unit: "count" },
    ],
  });
  for (const { site, born, bytes, timeNs = born, type = "byte[]", keptBy } of told)
    series.addValues(
      out.seen(timeNs),
      thread,
      stackOf(site),
      [bytes, Math.sign(bytes)],
      out.labelSet([
        { key: out.string("allocationTime"), number: born },
        { key: out.string("type"), text: out.string(type) },
        ...(keptBy === undefined ? [] : [{ key: out.string("kept by"), text: out.string(keptBy) }]),
      ]),
    );
  return out.snapshot();
}

function whole(...pieces: readonly Profile[]): Profile {
  const out = new ProfileBuilder();
  const objects = { series: [seriesId], states: new Map() as ObjectStates };
  for (const [i, part] of pieces.entries())
    addProfile(out, part, { offsetNs: 0, startNs: i * 1000, endNs: (i + 1) * 1000, objects });
  return out.snapshot();
}

const rows = (profile: Profile) => {
  const series = profile.series.find(({ id }) => id === seriesId);
  return Array.from({ length: series?.length ?? 0 }, (_, row) => [
    series?.time?.[row],
    series?.values[0]?.data?.[row],
    series?.values[1]?.data?.[row],
  ]);
};

const leak = { site: "keep", born: 100, bytes: 50 };
const other = { site: "keep", born: 300, bytes: 70 };
const garbage = { site: "drop", born: 200, bytes: 60 };

test("told anew by each piece, an object counts once; one that is told of no more goes", () => {
  expect(rows(whole(piece([leak, garbage]), piece([leak]), piece([leak, { ...other, born: 2500 }])))).toEqual(
    [
      [100, 50, 1],
      [200, 60, 1],
      [2000, -60, -1],
      [2500, 70, 1],
    ],
  );
});

test("a piece that tells of none says nothing about those before", () => {
  expect(rows(whole(piece([leak]), piece([]), piece([leak])))).toEqual([[100, 50, 1]]);
});

test("what came and went within a piece is not there, and what was allocated long ago comes when it is told", () => {
  const gone = { ...garbage, bytes: -60, timeNs: 900 };
  expect(rows(whole(piece([leak, garbage, gone]), piece([leak, other])))).toEqual([
    [100, 50, 1],
    [1000, 70, 1],
  ]);
});

test("memory: what lives by place with class, age and what keeps it; what was allocated from the samples beside", () => {
  const chain = "java.util.HashMap$Node.value ← static Cache.KEPT";
  const profile = whole(
    piece([{ ...leak, keptBy: chain }, garbage], { keep: 100, drop: 900 }),
    piece([leak, { ...other, born: 1300 }]),
  );
  const memory = createAnalyst().answer(profile, { view: "memory", selection: everything });
  expect(memory).toMatchObject({
    sampledObjects: true,
    liveAtEndBytes: 120,
    liveAtEndBlocks: 2,
    allocatedBytes: 1000,
    freedBytes: 0,
  });
  expect(
    memory.sites.map(({ name, liveBytes, allocatedBytes }) => [name, liveBytes, allocatedBytes]),
  ).toEqual([
    ["keep", 120, 100],
    ["drop", 0, 900],
  ]);
  expect(memory.sites[0]?.objects).toEqual([
    {
      type: "byte[]",
      objects: 2,
      bytes: 120,
      oldestNs: profile.meta.durationNs - 100,
      keptBy: ["java.util.HashMap$Node.value", "static Cache.KEPT"],
    },
  ]);
  expect(memory.sites[1]?.objects).toEqual([]);
});
