import { throwProblem } from "../../base/result.ts";
import type { CompareFunctionTable, CompareNeighbour } from "../../model/compare.ts";
import type { JoinedTree } from "./joined-tree.ts";

/** One function on both sides, with who called it and whom it called. */
export function oneFunction(joined: JoinedTree, text: string, limit: number): CompareFunctionTable {
  const name = joined.nameOf(text);
  if (name === -1)
    return throwProblem(
      "no-such-function",
      `There is no function ${text} on either side.`,
      "Choose a function from the table.",
    );
  const callers = new Neighbours(joined);
  const callees = new Neighbours(joined);
  const { parent, name: names, recursive } = joined;
  for (let node = 0; node < names.length; node++) {
    const above = parent[node];
    if (names[node] === name && recursive[node] === 0) callers.add(above === -1 ? -1 : names[above], node);
    // A call of itself is its own work.
    if (above !== -1 && names[above] === name && names[node] !== name) callees.add(names[node], node);
  }
  const runsOf = (side: "before" | "after") => ({
    self: joined.runValues(side, name, "self"),
    total: joined.runValues(side, name, "total"),
  });
  return {
    view: "function",
    ...joined.facts,
    name: text,
    self: joined.nameChange(name, "self"),
    total: joined.nameChange(name, "total"),
    runs: { before: runsOf("before"), after: runsOf("after") },
    callers: callers.rows(limit),
    callees: callees.rows(limit),
  };
}

class Neighbours {
  readonly #joined: JoinedTree;
  readonly #sums = new Map<number, { before: number; after: number }>();

  constructor(joined: JoinedTree) {
    this.#joined = joined;
  }

  add(name: number, node: number): void {
    let sums = this.#sums.get(name);
    if (!sums) {
      sums = { before: 0, after: 0 };
      this.#sums.set(name, sums);
    }
    sums.before += this.#joined.nodeMean("before", node, "total");
    sums.after += this.#joined.nodeMean("after", node, "total");
  }

  rows(limit: number): CompareNeighbour[] {
    const size = ({ before, after }: CompareNeighbour): number => Math.max(before, after);
    return [...this.#sums]
      .map(([name, sums]) => ({ name: name === -1 ? "" : (this.#joined.strings[name] ?? ""), ...sums }))
      .filter((row) => size(row) > 0)
      .sort((a, b) => size(b) - size(a) || (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }
}
