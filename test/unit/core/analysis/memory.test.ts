import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { parseSuppressions } from "#core/analysis/suppressions.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import type { QueryInput, Selection } from "#core/model/query.ts";
import { everything } from "#core/model/query.ts";

type MemoryAsked = Omit<Extract<QueryInput, { view: "memory" }>, "view" | "selection">;
const ask = (profile: Profile, selection: Partial<Selection> = {}, more: MemoryAsked = {}) =>
  createAnalyst().answer(profile, {
    view: "memory",
    selection: { ...everything, ...selection },
    ...more,
  });

/** Every second: 100 bytes that stay, 500 that go again; at the start 4000 that stay; at 5 s 10000 for a second. */
function leaky(): Profile {
  const out = new ProfileBuilder();
  const stackOf = (...names: readonly string[]): number =>
    names.reduce(
      (stack, name) =>
        out.stack(
          stack,
          out.frame({
            function: out.function({ name: out.string(name), kind: "native", file: out.string("a.c") }),
            line: name.length,
          }),
        ),
      -1,
    );
  const leak = stackOf("main", "leak", "malloc");
  const churn = stackOf("main", "churn", "operator new(unsigned long)");
  const keep = stackOf("main", "keep", "calloc");
  const tall = stackOf("main", "tall");
  const series = out.series({
    id: "allocations",
    kind: "alloc",
    timed: true,
    values: [
      { name: "allocations", unit: "count" },
      { name: "allocated", unit: "bytes" },
      { name: "leaked", unit: "bytes" },
      { name: "leaked blocks", unit: "count" },
    ],
  });
  const add = (second: number, stack: number, ...values: readonly number[]): void =>
    series.addValues(out.seen(second * 1e9), -1, stack, [...values]);
  add(0, keep, 4, 4000, 4000, 4);
  for (let second = 1; second <= 10; second++) {
    add(second, leak, 1, 100, 100, 1);
    add(second, churn, 5, 500, 0, 0);
    if (second === 5) add(second, tall, 1, 10_000, 10_000, 1);
    if (second === 6) add(second, tall, 0, 0, -10_000, -1);
    out.counter("rss", "Resident memory", "bytes", second * 1e9, 1e6 + second * 1000);
    out.counter("io-read", "Read", "bytes", second * 1e9, second);
  }
  return out.build();
}

describe("memory", () => {
  test("what lives, the peak, the growth and the suspects, by place", () => {
    const table = ask(leaky());
    expect(table).toMatchObject({
      liveSeries: "allocations/leaked",
      allocatedSeries: "allocations/allocated",
      liveAtEndBytes: 5000,
      liveAtEndBlocks: 14,
      peakBytes: 14_500,
      peakAtNs: 5e9,
      allocatedBytes: 20_000,
      freedBytes: 15_000,
      allocations: 65,
      timed: true,
    });
    expect(table.counters.map(({ id, ratePerS }) => [id, Math.round(ratePerS)])).toEqual([["rss", 1000]]);
    const [first, ...others] = table.sites;
    expect(first).toMatchObject({
      name: "leak",
      line: 4,
      path: ["main", "leak", "malloc"],
      liveBytes: 1000,
      liveBlocks: 10,
      allocations: 10,
    });
    expect(first?.ratePerS).toBeGreaterThan(90);
    expect(first?.ratePerS).toBeLessThan(110);
    expect(first?.suspicion).toBeGreaterThan(0.85);
    expect(others.map(({ name, liveBytes, freedBytes }) => [name, liveBytes, freedBytes])).toEqual([
      ["keep", 4000, 0],
      ["tall", 0, 10_000],
      ["churn", 0, 5000],
    ]);
    expect(others[0]?.suspicion).toBeLessThan(0.2);
    expect(table.sizes.map(({ fromBytes, blocks }) => [fromBytes, blocks])).toEqual([
      [64, 60],
      [512, 4],
      [8192, 1],
    ]);
  });

  test("between two points: what came and stayed, what was freed", () => {
    const table = ask(leaky(), { rangeNs: [2e9, 6.5e9] });
    expect(table).toMatchObject({
      liveAtStartBytes: 4100,
      liveAtEndBytes: 4600,
      allocatedBytes: 13_000,
      freedBytes: 12_500,
    });
    const tall = table.sites.find(({ name }) => name === "tall");
    expect(tall).toMatchObject({ grownBytes: 0, allocatedBytes: 10_000, freedBytes: 10_000 });
    expect(table.sites.find(({ name }) => name === "leak")).toMatchObject({
      grownBytes: 500,
      liveBytes: 600,
    });
    // The curve is of all times: it is where a range is chosen.
    expect(Math.max(...table.curveBytes)).toBe(14_500);
  });

  test("from a point to the end: what came last is in it", () => {
    const table = ask(leaky(), { rangeNs: [9.5e9, 10e9] });
    expect(table).toMatchObject({ liveAtStartBytes: 4900, liveAtEndBytes: 5000, allocatedBytes: 600 });
  });

  test("allocations that have no bytes but the living ones are the living blocks", () => {
    const out = new ProfileBuilder();
    const stack = out.stack(-1, out.frame({ function: out.function({ name: out.string("keep") }) }));
    const values = [
      { name: "size", unit: "bytes" },
      { name: "allocations", unit: "count" },
    ];
    out.series({ id: "size", kind: "heap", timed: false, values }).addValues(0, -1, stack, [3000, 3]);
    expect(ask(out.build()).sites[0]).toMatchObject({ liveBytes: 3000, liveBlocks: 3 });
  });

  test("filters, orders, limits", () => {
    const names = (more: MemoryAsked) => ask(leaky(), {}, more).sites.map(({ name }) => name);
    expect(names({ sort: "live" })).toEqual(["keep", "leak", "tall", "churn"]);
    expect(names({ sort: "freed" })).toEqual(["tall", "churn", "keep", "leak"]);
    expect(names({ sort: "name", descending: false, limit: 2 })).toEqual(["churn", "keep"]);
    expect(names({ filter: "^ke|all" })).toEqual(["keep", "tall"]);
    const focus = ask(leaky(), { transforms: [{ type: "focus", pattern: "churn" }] });
    expect(focus.sites.map(({ name }) => name)).toEqual(["churn"]);
  });

  test("what is suppressed is left out and summed up", () => {
    const table = ask(leaky(), {}, { suppressions: "# known\nleak:eak\n^keep$" });
    expect(table.sites.map(({ name }) => name)).toEqual(["tall", "churn"]);
    expect(table.suppressed).toEqual([
      { name: "^keep$", sites: 1, liveBytes: 4000, liveBlocks: 4 },
      { name: "leak:eak", sites: 1, liveBytes: 1000, liveBlocks: 10 },
    ]);
  });

  test("counters alone, and nothing at all", () => {
    const out = new ProfileBuilder();
    out.counter("rss", "Resident memory", "bytes", 0, 1000);
    out.counter("rss", "Resident memory", "bytes", out.seen(2e9), 5000);
    for (const [second, rate] of [100, 300].entries())
      out.counter("faults", "Page faults", "/s", second * 1e9, rate);
    out.counter("major-faults", "Page faults from disk", "/s", 1e9, 4);
    const table = ask(out.build());
    expect(table).toMatchObject({ liveSeries: "", allocatedSeries: "", timed: true, sites: [] });
    expect(table.pageFaults).toEqual({ perS: 200, mostPerS: 300, majorPerS: 4, mostMajorPerS: 4 });
    expect(table.counters).toEqual([
      {
        id: "rss",
        name: "Resident memory",
        firstBytes: 1000,
        lastBytes: 5000,
        peakBytes: 5000,
        ratePerS: 2000,
      },
    ]);
    expect(ask(new ProfileBuilder().build())).toMatchObject({
      timed: false,
      counters: [],
      pageFaults: null,
      sites: [],
    });
  });

  test("of snapshots that are series of their own the peak is looked at first, in every view", () => {
    const out = new ProfileBuilder();
    const site = out.stack(
      -1,
      out.frame({ function: out.function({ name: out.string("hold"), kind: "native" }), line: 7 }),
    );
    for (const [id, bytes] of [
      ["snapshot-14", 100],
      ["peak", 900],
      ["snapshot-68", 500],
    ] as const) {
      const values = [{ name: "bytes", unit: "bytes" }];
      out.series({ id, kind: "heap", timed: false, values }).add(0, -1, site, bytes);
    }
    const profile = out.build();
    expect(ask(profile)).toMatchObject({ liveSeries: "peak", liveAtEndBytes: 900, timed: false });
    const top = createAnalyst().answer(profile, { view: "top", selection: everything });
    expect(top).toMatchObject({ series: "peak", totalValue: 900 });
    expect(ask(profile, { series: "snapshot-68" }).liveAtEndBytes).toBe(500);
  });

  test("what lived over time, of a recording, comes before its peak", () => {
    const out = new ProfileBuilder();
    const values = [{ name: "bytes", unit: "bytes" }];
    for (const [id, bytes] of [
      ["heap", 100],
      ["peak", 900],
    ] as const)
      out.series({ id, kind: "heap", timed: true, values }).add(out.seen(1e9), -1, -1, bytes);
    expect(ask(out.build())).toMatchObject({ liveSeries: "heap", liveAtEndBytes: 100 });
  });

  test("of allocations alone, as JFR samples them, the most comes first, and nothing is suspected", () => {
    const out = new ProfileBuilder();
    const site = out.stack(
      -1,
      out.frame({ function: out.function({ name: out.string("allocSite"), kind: "java" }), line: 7 }),
    );
    const values = [{ name: "allocated", unit: "bytes" }];
    const series = out.series({ id: "alloc", kind: "alloc", timed: true, values });
    series.add(out.seen(1e9), -1, -1, 100);
    series.add(out.seen(2e9), -1, site, 9000);
    const { sites } = ask(out.build());
    expect(sites.map(({ name, allocatedBytes }) => [name, allocatedBytes])).toEqual([
      ["allocSite", 9000],
      ["(no stack)", 100],
    ]);
    expect(sites.map(({ suspicion }) => suspicion)).toEqual([Number.NaN, Number.NaN]);
  });
});

const frame = (name: string, binary = "/app", file = "") => ({ name, binary, file });
const stack = [
  frame("malloc", "/lib/libc.so.6"),
  frame("helper", "/lib/libX11.so.6"),
  frame("main", "/app", "main.c"),
];
const rules: readonly (readonly [string, boolean])[] = [
  ["leak:help", true],
  ["leak:^help", true],
  ["leak:^elper", false],
  ["leak:helper$", true],
  ["leak:h*r", true],
  ["leak:libX11", true],
  ["leak:main.c", true],
  ["race:helper", false],
  ["helper|nobody", true],
  ["^help$", false],
  ["{\na\nMemcheck:Leak\nfun:malloc\nfun:helper\n}", true],
  ["{\na\nMemcheck:Leak\nmatch-leak-kinds: reachable\nfun:malloc\n...\nfun:main\n}", true],
  ["{\na\nMemcheck:Leak\n...\nobj:*X11*\n}", true],
  ["{\na\nMemcheck:Leak\nfun:helper\n}", false],
  ["{\na\nMemcheck:Leak\nfun:ma?loc\nfun:*\nfun:main\nfun:more\n}", false],
  ["{\na\nMemcheck:Cond\nfun:malloc\n}", false],
  ["{\nan unfinished\nMemcheck:Leak\nfun:malloc\n", false],
];
test.each(rules)("suppression %j", (text, expected) => {
  expect(parseSuppressions(text).some((rule) => rule.matches(stack))).toBe(expected);
});
