import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { ButterflyQuery } from "../model/query.ts";
import type { ButterflyEdge, ButterflyFunction, ButterflyTable } from "../model/tables.ts";
import type { CallTree } from "./call-tree.ts";
import { exactFor } from "./exact.ts";
import { ShownFunctions } from "./shown-functions.ts";
import type { Weighed, Weigher } from "./weigh.ts";

/** Value and samples of the calls from one function to another; each sample once, however often the call is on it. */
interface Edge {
  readonly caller: number;
  readonly callee: number;
  value: number;
  samples: number;
  calls: number;
}

/**
 * Functions with who called them and whom they called, as pprof's -peek: values of callers are those of the function
 * when called by them, values of callees those that it spends in them.
 */
export function butterfly(weigher: Weigher, profile: Profile, query: ButterflyQuery): ButterflyTable {
  const weighed = weigher.weigh(profile, query.selection);
  const exact = exactFor(profile, query.selection, weighed.chosen);
  const shown = new ShownFunctions(profile, weighed.renamed);
  const text = (index: number): string => (index === -1 ? "" : (profile.strings[index] ?? ""));
  const nameOf = (func: number): string => (func === -1 ? "(unknown)" : text(shown.name(func)));
  const wanted = new Uint8Array(profile.functions.length);
  const isWanted =
    query.function === null
      ? (name: string): boolean => pattern.test(name)
      : (name: string): boolean => name === query.function;
  const pattern = compilePattern(query.pattern);
  for (let func = 0; func < wanted.length; func++) if (isWanted(nameOf(func))) wanted[func] = 1;

  const costs = exact ? exactCosts(exact, wanted) : treeCosts(weighed, wanted);
  const edges = exact ? exactEdges(exact, wanted) : treeEdges(weighed, wanted);
  const rows = (around: number, from: "caller" | "callee"): ButterflyEdge[] =>
    edges
      .filter((edge) => edge[from === "caller" ? "callee" : "caller"] === around)
      .map((edge) => ({
        function: edge[from],
        name: nameOf(edge[from]),
        value: edge.value,
        samples: edge.samples,
        calls: edge.calls,
      }))
      .sort((a, b) => b.value - a.value || compareNames(a.name, b.name))
      .slice(0, query.limit);
  const matched = [...costs.entries()].sort(
    ([a, left], [b, right]) => right.total - left.total || compareNames(nameOf(a), nameOf(b)),
  );
  return {
    view: "butterfly",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalSamples: weighed.totalSamples,
    sampleSize: exact === null ? weighed.sampleSize : 0,
    isExact: exact !== null,
    functions: matched.slice(0, query.functions).map(
      ([func, cost]): ButterflyFunction => ({
        function: func,
        name: nameOf(func),
        file: text(shown.file(func)),
        line: shown.line(func),
        ...cost,
        callers: rows(func, "caller"),
        callees: rows(func, "callee"),
      }),
    ),
    functionsInAll: matched.length,
  };
}

const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Cost {
  readonly self: number;
  readonly total: number;
  readonly samples: number;
  /** NaN where nobody counted them. */
  readonly calls: number;
}

function treeCosts({ tree, self, total, samples }: Weighed, wanted: Uint8Array): Map<number, Cost> {
  const functions = tree.function;
  const { recursive } = tree;
  const costs = new Map<number, { self: number; total: number; samples: number; calls: number }>();
  for (let node = 0; node < tree.length; node++) {
    const func = functions[node];
    if (wanted[func] !== 1 || samples[node] === 0) continue;
    let cost = costs.get(func);
    if (!cost) {
      cost = { self: 0, total: 0, samples: 0, calls: Number.NaN };
      costs.set(func, cost);
    }
    cost.self += self[node];
    if (recursive[node] === 1) continue;
    cost.total += total[node];
    cost.samples += samples[node];
  }
  return costs;
}

function treeEdges({ tree, total, samples }: Weighed, wanted: Uint8Array): Edge[] {
  const edges = new Map<number, Edge>();
  const { parent, length } = tree;
  const functions = tree.function;
  const onPath = new EdgesOnPath(tree, wanted);
  for (let node = 0; node < length; node++) {
    const above = parent[node];
    if (above === -1 || samples[node] === 0) continue;
    const caller = functions[above];
    const callee = functions[node];
    if (wanted[caller] !== 1 && wanted[callee] !== 1) continue;
    const key = onPath.key(caller, callee);
    if (onPath.count(above, key) > 0) continue;
    let edge = edges.get(key);
    if (!edge) {
      edge = { caller, callee, value: 0, samples: 0, calls: Number.NaN };
      edges.set(key, edge);
    }
    edge.value += total[node];
    edge.samples += samples[node];
  }
  return [...edges.values()];
}

/** How often each call is on the path to a node, kept by walking from the node asked about before. */
class EdgesOnPath {
  readonly #tree: CallTree;
  readonly #wanted: Uint8Array;
  readonly #counts = new Map<number, number>();
  readonly #parent: Int32Array;
  readonly #function: Int32Array;
  readonly #depth: Int32Array;
  #at = -1;

  constructor(tree: CallTree, wanted: Uint8Array) {
    this.#tree = tree;
    this.#wanted = wanted;
    this.#parent = tree.parent;
    this.#function = tree.function;
    this.#depth = tree.depth;
  }

  key(caller: number, callee: number): number {
    return caller * this.#wanted.length + callee;
  }

  count(node: number, key: number): number {
    let leave = this.#at;
    let enter = node;
    while (leave !== enter) {
      if (this.#depthOf(leave) >= this.#depthOf(enter)) {
        this.#add(leave, -1);
        leave = this.#parent[leave];
      } else {
        this.#add(enter, 1);
        enter = this.#parent[enter];
      }
    }
    this.#at = node;
    return this.#counts.get(key) ?? 0;
  }

  #depthOf(node: number): number {
    return node === -1 ? -1 : this.#depth[node];
  }

  #add(node: number, step: number): void {
    const above = this.#parent[node];
    if (above === -1 || this.#tree.length === 0) return;
    const caller = this.#function[above];
    const callee = this.#function[node];
    if (this.#wanted[caller] !== 1 && this.#wanted[callee] !== 1) return;
    const key = this.key(caller, callee);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + step);
  }
}

type Exact = NonNullable<ReturnType<typeof exactFor>>;

function exactCosts({ functions, value }: Exact, wanted: Uint8Array): Map<number, Cost> {
  const costs = new Map<number, Cost>();
  for (let row = 0; row < functions.length; row++) {
    const func = functions.function[row];
    if (wanted[func] === 1)
      costs.set(func, {
        self: functions.self[value][row],
        total: functions.inclusive[value][row],
        samples: 0,
        calls: functions.calls[row],
      });
  }
  return costs;
}

function exactEdges({ calls, value }: Exact, wanted: Uint8Array): Edge[] {
  const edges = new Map<string, Edge>();
  for (let row = 0; row < calls.length; row++) {
    const caller = calls.caller[row];
    const callee = calls.callee[row];
    if (wanted[callee] !== 1 && (caller === -1 || wanted[caller] !== 1)) continue;
    const key = `${caller} ${callee}`;
    let edge = edges.get(key);
    if (!edge) {
      edge = { caller, callee, value: 0, samples: 0, calls: 0 };
      edges.set(key, edge);
    }
    edge.value += calls.values[value][row];
    edge.calls += calls.calls[row];
  }
  return [...edges.values()];
}
