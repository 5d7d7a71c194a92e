import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import { profileOf } from "../stacks-profile.ts";

const samples = fc.array(
  fc.record({
    stack: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 8 }).map((names) => names.join(";")),
    weight: fc.integer({ min: 1, max: 100 }),
  }),
  { maxLength: 40 },
);

describe("callers and callees", () => {
  it("weigh each sample once, however often the call is on its stack", () => {
    fc.assert(
      fc.property(samples, (taken) => {
        const table = createAnalyst().answer(profileOf(taken), {
          view: "butterfly",
          selection: {},
          function: "a",
        });
        const edges = new Map<string, number>();
        let total = 0;
        for (const { stack, weight } of taken) {
          const names = stack.split(";");
          if (names.includes("a")) total += weight;
          const pairs = new Set(names.slice(1).map((name, i) => `${names[i]}>${name}`));
          for (const pair of pairs) edges.set(pair, (edges.get(pair) ?? 0) + weight);
        }
        const [found] = table.functions;
        expect(found?.total ?? 0).toBe(total);
        const sides = Object.fromEntries([
          ...(found?.callers ?? []).map(({ name, value }) => [`${name}>a`, value] as const),
          ...(found?.callees ?? []).map(({ name, value }) => [`a>${name}`, value] as const),
        ]);
        const expected = [...edges].filter(([pair]) => /a/.test(pair));
        expect(sides).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it("of a stack of 100,000 frames, in which every call is another one", () => {
    const stack = Array.from({ length: 50_000 }, (_, i) => `f;g${i}`).join(";");
    const table = createAnalyst().answer(profileOf([{ stack }]), {
      view: "butterfly",
      selection: {},
      function: "f",
      limit: 100_000,
    });
    expect([table.functions[0]?.callers.length, table.functions[0]?.callees.length]).toEqual([
      49_999, 50_000,
    ]);
  });

  it("is empty for a function that is not there, and says how many match", () => {
    const profile = profileOf([{ stack: "main;read;write" }]);
    const ask = (pattern: string) =>
      createAnalyst().answer(profile, { view: "butterfly", selection: {}, pattern });
    expect(ask("nobody")).toMatchObject({ functions: [], functionsInAll: 0 });
    expect(ask("r")).toMatchObject({ functions: [{ name: "read" }], functionsInAll: 2 });
  });
});

describe("exact costs", () => {
  function counted() {
    const out = new ProfileBuilder();
    const series = out.series({
      id: "time",
      kind: "cpu",
      timed: false,
      values: [{ name: "time", unit: "nanoseconds" }],
    });
    const func = (name: string): number => out.function({ name: out.string(name) });
    const [main, fib] = [func("main"), func("fib")];
    const root = out.stack(NONE, out.frame({ function: main }));
    series.add(0, NONE, root, 10);
    series.add(0, NONE, out.stack(root, out.frame({ function: fib })), 90);
    series.exact.function(main, 1, 1, [10], [100]);
    series.exact.function(fib, 15, 1, [90], [90]);
    series.exact.call(main, fib, 7, 1, [90]);
    series.exact.call(fib, fib, 3, 14, [81]);
    return out.build();
  }

  it("are what top shows of the whole", () => {
    const table = createAnalyst().answer(counted(), { view: "top", selection: {} });
    expect(table).toMatchObject({ isExact: true, length: 2 });
    expect([...table.self]).toEqual([90, 10]);
    expect([...table.total]).toEqual([90, 100]);
    expect([...(table.calls ?? [])]).toEqual([15, 1]);
    expect([...(table.primitiveCalls ?? [])]).toEqual([1, 1]);
  });

  it("are not of a part", () => {
    const selection = { transforms: [{ type: "focus" as const, pattern: "fib" }] };
    const table = createAnalyst().answer(counted(), { view: "top", selection });
    expect(table).toMatchObject({ isExact: false, calls: null, primitiveCalls: null });
  });

  it("tell callers and callees with their calls", () => {
    const table = createAnalyst().answer(counted(), { view: "butterfly", selection: {}, function: "fib" });
    expect(table.functions[0]).toMatchObject({
      self: 90,
      total: 90,
      calls: 15,
      callers: [
        { name: "main", value: 90, calls: 1 },
        { name: "fib", value: 81, calls: 14 },
      ],
      callees: [{ name: "fib", value: 81, calls: 14 }],
    });
  });
});
