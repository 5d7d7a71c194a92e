import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { Profile } from "#core/model/profile.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { FlameTable, TreeTable } from "#core/model/tables.ts";
import { profileOf, type StackSample } from "../stacks-profile.ts";

type Asked = Omit<Extract<QueryInput, { view: "tree" }>, "view" | "selection">;
const ask = (profile: Profile, asked: Asked = {}): TreeTable =>
  createAnalyst().answer(profile, { view: "tree", selection: {}, ...asked });

/** "  name value state", a line a row. */
const drawn = (table: TreeTable): string[] =>
  Array.from(
    table.node.subarray(0, table.length),
    (_, row) =>
      `${"  ".repeat(table.depth[row] ?? 0)}${table.strings[table.name[row] ?? -1]} ${table.value[row]} ${["leaf", "closed", "open"][table.state[row] ?? -1]}`,
  );
const nodeOf = (table: TreeTable, name: string): number =>
  table.node[Array.from(table.name, (each) => table.strings[each]).indexOf(name)] ?? -2;

const samples: readonly StackSample[] = [
  { stack: "main;parse;read", weight: 5 },
  { stack: "main;parse", weight: 1 },
  { stack: "main;write;read", weight: 2 },
  { stack: "idle", weight: 3 },
];
const profile = profileOf(samples);

describe("the tree", () => {
  it("shows its roots, the heaviest first", () =>
    expect(drawn(ask(profile))).toEqual(["main 8 closed", "idle 3 leaf"]));

  it("shows what an open node calls", () => {
    const main = nodeOf(ask(profile), "main");
    expect(drawn(ask(profile, { open: [main] }))).toEqual([
      "main 8 open",
      "  parse 6 closed",
      "  write 2 closed",
      "idle 3 leaf",
    ]);
  });

  it("does not show what is open below a closed node", () => {
    const main = nodeOf(ask(profile), "main");
    const parse = nodeOf(ask(profile, { open: [main] }), "parse");
    expect(drawn(ask(profile, { open: [parse] }))).toEqual(["main 8 closed", "idle 3 leaf"]);
  });

  it("opens the heaviest path", () =>
    expect(drawn(ask(profile, { follow: -1 }))).toEqual([
      "main 8 open",
      "  parse 6 open",
      "    read 5 leaf",
      "  write 2 closed",
      "idle 3 leaf",
    ]));

  it("of callers begins with what burns", () => {
    const closed = ask(profile, { inverted: true });
    expect(drawn(closed)).toEqual(["read 7 closed", "idle 3 leaf", "parse 1 closed"]);
    expect(drawn(ask(profile, { inverted: true, open: [nodeOf(closed, "read")] }))).toEqual([
      "read 7 open",
      "  parse 5 closed",
      "  write 2 closed",
      "idle 3 leaf",
      "parse 1 closed",
    ]);
    expect(drawn(ask(profile, { inverted: true, follow: -1 }))).toEqual([
      "read 7 open",
      "  parse 5 open",
      "    main 5 leaf",
      "  write 2 closed",
      "idle 3 leaf",
      "parse 1 closed",
    ]);
  });

  it.each([
    ["name", false, ["idle 3 leaf", "main 8 closed"]],
    ["total", false, ["idle 3 leaf", "main 8 closed"]],
    ["self", true, ["idle 3 leaf", "main 8 closed"]],
  ] as const)("is sorted by %s", (sort, descending, rows) =>
    expect(drawn(ask(profile, { sort, descending }))).toEqual(rows),
  );

  it("says how many rows there are beyond its limit", () =>
    expect(ask(profile, { limit: 1 })).toMatchObject({ length: 1, rowsInAll: 2 }));

  it("takes nodes that are not there, and a stack of 20,000 frames", () => {
    expect(drawn(ask(profile, { open: [-1, 99], follow: 500 }))).toEqual(["main 8 closed", "idle 3 leaf"]);
    const deep = profileOf([{ stack: Array.from({ length: 20_000 }, (_, i) => `f${i}`).join(";") }]);
    for (const inverted of [false, true])
      expect(ask(deep, { follow: -1, inverted, limit: 30_000 }).length).toBe(20_000);
  });

  it("with every node open is the flame graph", () => {
    const stacks = fc.array(
      fc.record({
        stack: fc
          .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 })
          .map((names) => names.join(";")),
        weight: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(stacks, fc.boolean(), (taken, inverted) => {
        const own = profileOf(taken);
        const analyst = createAnalyst();
        const flame = analyst.answer(own, {
          view: "flame",
          selection: {},
          widthPx: 0,
          maxRows: 1e6,
          inverted,
        });
        const all = analyst.answer(own, { view: "tree", selection: {}, inverted, open: [...flame.node] });
        const byNode = (table: FlameTable | TreeTable): Record<number, string> =>
          Object.fromEntries(
            Array.from(table.node, (node, row) => [
              node,
              `${table.strings[table.name[row] ?? -1]} ${table.depth[row]} ${table.value[row]} ${table.self[row]}`,
            ]),
          );
        expect(byNode(all)).toEqual(byNode(flame));
      }),
    );
  });
});
