import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { GraphTable } from "#core/model/tables.ts";
import { profileOf, type StackSample } from "../stacks-profile.ts";

const ask = (samples: readonly StackSample[], part: Partial<Extract<QueryInput, { view: "graph" }>> = {}) =>
  createAnalyst().answer(profileOf(samples), {
    view: "graph",
    selection: {},
    minNodeShare: 0,
    minEdgeShare: 0,
    ...part,
  } as Extract<QueryInput, { view: "graph" }>);

const nameOf = ({ strings, name }: GraphTable, row: number | undefined): string =>
  strings[name[row ?? -1] ?? -1] ?? "";
const nodes = (table: GraphTable): readonly string[] =>
  Array.from(table.function, (_, row) => `${nameOf(table, row)} ${table.total[row]} ${table.self[row]}`);
const edges = (table: GraphTable): readonly string[] =>
  Array.from(
    table.edges.value,
    (value, row) =>
      `${nameOf(table, table.edges.caller[row])} > ${nameOf(table, table.edges.callee[row])} ${value}` +
      (table.edges.indirect[row] === 1 ? " indirect" : ""),
  );

describe("the call graph", () => {
  it("counts each sample once for a function and once for a call", () => {
    const table = ask([
      { stack: "main;a;b;a;b", weight: 5 },
      { stack: "main;a", weight: 3 },
      { stack: "main;b", weight: 1 },
    ]);
    expect(nodes(table)).toEqual(["main 9 0", "a 8 3", "b 6 6"]);
    expect([...edges(table)].sort()).toEqual(["a > b 5", "b > a 5", "main > a 8", "main > b 1"]);
  });

  it("leaves small functions out, and joins what they stood between", () => {
    const table = ask(
      [
        { stack: "main;thin;a", weight: 4 },
        { stack: "main;other;a", weight: 4 },
        { stack: "main;b", weight: 92 },
      ],
      { minNodeShare: 0.05 },
    );
    expect(nodes(table)).toEqual(["main 100 0", "b 92 92", "a 8 8"]);
    expect(edges(table)).toEqual(["main > b 92", "main > a 8 indirect"]);
    expect([table.nodesInAll, table.edgesInAll]).toEqual([5, 2]);
  });

  it("shows the heaviest where there are too many, and no calls below the threshold", () => {
    const samples = Array.from({ length: 20 }, (_, i) => ({ stack: `main;f${i}`, weight: i + 1 }));
    const table = ask(samples, { maxNodes: 3, minEdgeShare: 0.093 });
    expect(nodes(table)).toEqual(["main 210 0", "f19 20 20", "f18 19 19"]);
    expect(edges(table)).toEqual(["main > f19 20"]);
  });

  it("agrees with callers and callees of every function", () => {
    const stack = fc
      .array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 6 })
      .map((names) => names.join(";"));
    fc.assert(
      fc.property(
        fc.array(fc.record({ stack, weight: fc.integer({ min: 1, max: 9 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        (samples) => {
          const table = ask(samples);
          const around = createAnalyst().answer(profileOf(samples), {
            view: "butterfly",
            selection: {},
            pattern: "",
            functions: 10,
          });
          const expected = around.functions.flatMap((each) =>
            each.callees.map(({ name, value }) => `${each.name} > ${name} ${value}`),
          );
          expect([...edges(table)].sort()).toEqual([...expected].sort());
          expect([...nodes(table)].sort()).toEqual(
            around.functions.map(({ name, total, self }) => `${name} ${total} ${self}`).sort(),
          );
        },
      ),
    );
  });
});
