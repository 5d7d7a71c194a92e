import type { Profile } from "../model/profile.ts";
import type { GraphQuery } from "../model/query.ts";
import type { GraphTable } from "../model/tables.ts";
import { exactFor } from "./exact.ts";
import { ShownFunctions } from "./shown-functions.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weighed, Weigher } from "./weigh.ts";

interface Node {
  readonly function: number;
  self: number;
  total: number;
  samples: number;
}

interface Edge {
  readonly caller: number;
  readonly callee: number;
  value: number;
  samples: number;
  /** Some of its calls went by way of functions that are not shown. */
  indirect: number;
}

/**
 * Who calls whom, of the functions that matter: those above a share of the whole, the heaviest where there are too many.
 * Calls by way of functions that are left out are edges too, as pprof's dotted ones. Each sample counts once for a function
 * and once for an edge, however often they are on its stack.
 */
export function graph(weigher: Weigher, profile: Profile, query: GraphQuery): GraphTable {
  const weighed = weigher.weigh(profile, query.selection);
  const exact = exactFor(profile, query.selection, weighed.chosen);
  const whole = weighed.totalValue;
  const all = exact ? exactNodes(exact) : treeNodes(weighed, profile.functions.length);
  const heavy = all.filter(({ total }) => total > 0 && total >= whole * query.minNodeShare);
  heavy.sort((a, b) => b.total - a.total || b.self - a.self || a.function - b.function);
  const nodes = heavy.slice(0, query.maxNodes);
  const rowOf = new Map(nodes.map((node, row) => [node.function, row]));
  const kept = new Uint8Array(profile.functions.length);
  for (const node of nodes) kept[node.function] = 1;
  const found = exact ? exactEdges(exact, kept) : treeEdges(weighed, kept);
  const edges = found
    .filter(({ value }) => value > 0 && value >= whole * query.minEdgeShare)
    .sort((a, b) => b.value - a.value || a.caller - b.caller || a.callee - b.callee);

  const shown = new ShownFunctions(profile, weighed.renamed);
  const used = new UsedStrings(profile);
  const { binary, kind } = profile.functions;
  const { search } = query.selection;
  const flags = search === "" ? null : weigher.shownFlags(profile, search, weighed.renamed);
  const column = (of: (func: number) => number): Int32Array =>
    Int32Array.from(nodes, (node) => of(node.function));
  return {
    view: "graph",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: whole,
    totalSamples: weighed.totalSamples,
    length: nodes.length,
    function: column((func) => func),
    name: column((func) => used.of(shown.name(func))),
    file: column((func) => used.of(shown.file(func))),
    line: column((func) => shown.line(func)),
    binary: column((func) => used.binary(binary[func])),
    kind: Uint8Array.from(nodes, (node) => kind[node.function]),
    self: Float64Array.from(nodes, ({ self }) => self),
    total: Float64Array.from(nodes, ({ total }) => total),
    samples: Float64Array.from(nodes, ({ samples }) => samples),
    matched: Uint8Array.from(nodes, (node) => (flags?.[node.function] === 1 ? 1 : 0)),
    nodesInAll: all.length,
    edges: {
      length: edges.length,
      caller: Int32Array.from(edges, ({ caller }) => rowOf.get(caller) ?? -1),
      callee: Int32Array.from(edges, ({ callee }) => rowOf.get(callee) ?? -1),
      value: Float64Array.from(edges, ({ value }) => value),
      samples: Float64Array.from(edges, ({ samples }) => samples),
      indirect: Uint8Array.from(edges, ({ indirect, samples }) =>
        indirect >= samples && samples > 0 ? 1 : 0,
      ),
    },
    edgesInAll: found.length,
    strings: used.strings,
  };
}

function treeNodes({ tree, self, total, samples }: Weighed, functions: number): Node[] {
  const nodes: (Node | undefined)[] = new Array(functions);
  const functionOf = tree.function;
  const { recursive, length } = tree;
  for (let node = 0; node < length; node++) {
    if (samples[node] === 0) continue;
    const func = functionOf[node];
    let cost = nodes[func];
    if (!cost) {
      cost = { function: func, self: 0, total: 0, samples: 0 };
      nodes[func] = cost;
    }
    cost.self += self[node];
    if (recursive[node] === 1) continue;
    cost.total += total[node];
    cost.samples += samples[node];
  }
  return nodes.filter((node) => node !== undefined);
}

/** Between functions that are kept, each with the nearest kept one above it. */
function treeEdges({ tree, total, samples }: Weighed, kept: Uint8Array): Edge[] {
  const { parent, length } = tree;
  const functionOf = tree.function;
  /** The nearest kept node on the path, itself included; -1 for none. */
  const nearest = new Int32Array(length);
  const above = new Int32Array(length);
  const edges = new Map<number, Edge>();
  const onPath = new EdgesOnPath(above, functionOf, kept.length);
  for (let node = 0; node < length; node++) {
    const up = parent[node] === -1 ? -1 : nearest[parent[node]];
    const isKept = kept[functionOf[node]] === 1;
    nearest[node] = isKept ? node : up;
    above[node] = up;
    if (!isKept || up === -1 || samples[node] === 0) continue;
    const caller = functionOf[up];
    const callee = functionOf[node];
    const key = onPath.key(caller, callee);
    if (onPath.has(up, key)) continue;
    let edge = edges.get(key);
    if (!edge) {
      edge = { caller, callee, value: 0, samples: 0, indirect: 0 };
      edges.set(key, edge);
    }
    edge.value += total[node];
    edge.samples += samples[node];
    if (up !== parent[node]) edge.indirect += samples[node];
  }
  return [...edges.values()];
}

/** How often each edge is on the path to a kept node, kept by walking from the node asked about before. */
class EdgesOnPath {
  readonly #above: Int32Array;
  readonly #functionOf: Int32Array;
  readonly #functions: number;
  readonly #counts = new Map<number, number>();
  #at = -1;

  constructor(above: Int32Array, functionOf: Int32Array, functions: number) {
    this.#above = above;
    this.#functionOf = functionOf;
    this.#functions = functions;
  }

  key(caller: number, callee: number): number {
    return caller * this.#functions + callee;
  }

  /** Parents have smaller indices: the larger of two nodes is never above the other. */
  has(node: number, key: number): boolean {
    let leave = this.#at;
    let enter = node;
    while (leave !== enter) {
      if (leave > enter) {
        this.#add(leave, -1);
        leave = this.#above[leave];
      } else {
        this.#add(enter, 1);
        enter = this.#above[enter];
      }
    }
    this.#at = node;
    return (this.#counts.get(key) ?? 0) > 0;
  }

  #add(node: number, step: number): void {
    const up = this.#above[node];
    if (up === -1) return;
    const key = this.key(this.#functionOf[up], this.#functionOf[node]);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + step);
  }
}

type Exact = NonNullable<ReturnType<typeof exactFor>>;

function exactNodes({ functions, value }: Exact): Node[] {
  const nodes = new Map<number, Node>();
  for (let row = 0; row < functions.length; row++) {
    const func = functions.function[row];
    const node = nodes.get(func) ?? { function: func, self: 0, total: 0, samples: 0 };
    node.self += functions.self[value][row];
    node.total += functions.inclusive[value][row];
    nodes.set(func, node);
  }
  return [...nodes.values()];
}

function exactEdges({ calls, value }: Exact, kept: Uint8Array): Edge[] {
  const edges = new Map<string, Edge>();
  for (let row = 0; row < calls.length; row++) {
    const caller = calls.caller[row];
    const callee = calls.callee[row];
    if (caller === -1 || kept[caller] !== 1 || kept[callee] !== 1) continue;
    const key = `${caller} ${callee}`;
    const edge = edges.get(key) ?? { caller, callee, value: 0, samples: 0, indirect: 0 };
    edge.value += calls.values[value][row];
    edges.set(key, edge);
  }
  return [...edges.values()];
}
