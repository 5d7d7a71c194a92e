import { type FunctionKind, kindIndex } from "#core/model/profile.ts";
import type { FlameTable, TimelineTable, TopTable } from "#core/model/tables.ts";

/** Frames are written "name", "name@file:line" or "kind!name"; a weight follows the stack. */
const framePattern = /^(?:([a-z]+)!)?([^@]*)(?:@(.*):(\d+))?$/;

interface Node {
  readonly row: number;
  readonly children: Map<string, Node>;
  readonly frame: string;
  readonly parent: number;
  readonly depth: number;
  value: number;
  self: number;
}

const kinds: readonly string[] = [
  "kernel",
  "node",
  "python",
  "gc",
  "idle",
  "runtime",
  "root",
] satisfies FunctionKind[];
const isKind = (text: string): text is FunctionKind => kinds.includes(text);

/** A flame table of collapsed stacks ("main;work;burn 60"), with a root "all" on top. */
export function flameTableOf(lines: readonly string[], zoomTo = ""): FlameTable {
  const root: Node = newNode("root!all", -1, 0);
  for (const line of lines) addStack(root, line);
  const nodes = inOrder(root);
  const strings = new Map<string, number>();
  const text = (value: string): number => {
    const known = strings.get(value);
    if (known !== undefined) return known;
    strings.set(value, strings.size);
    return strings.size - 1;
  };
  const parsed = nodes.map(({ node }) => framePattern.exec(node.frame) ?? [node.frame, "", node.frame]);
  const kindOf = (match: readonly (string | undefined)[]): FunctionKind => {
    const kind = match[1] ?? "";
    return isKind(kind) ? kind : "native";
  };
  const name = Int32Array.from(parsed, (match) => text(match[2] ?? ""));
  const of = (
    pick: (entry: { node: Node; row: number; parent: number; start: number }) => number,
  ): number[] => nodes.map((entry) => pick(entry));
  return {
    view: "flame",
    unit: "samples",
    series: "cpu",
    totalValue: root.value,
    totalSamples: root.value,
    sampleSize: root.value,
    length: nodes.length,
    node: Int32Array.from(of((entry) => 100 + entry.row)),
    parent: Int32Array.from(of((entry) => entry.parent)),
    depth: Int32Array.from(of((entry) => entry.node.depth)),
    start: Float64Array.from(of((entry) => entry.start)),
    value: Float64Array.from(of((entry) => entry.node.value)),
    self: Float64Array.from(of((entry) => entry.node.self)),
    samples: Float64Array.from(of((entry) => entry.node.value)),
    function: name,
    name,
    file: Int32Array.from(parsed, (match) => (match[3] === undefined ? -1 : text(match[3]))),
    line: Int32Array.from(parsed, (match) => Number(match[4] ?? -1)),
    binary: new Int32Array(nodes.length).fill(-1),
    kind: Uint8Array.from(parsed, (match) => kindIndex(kindOf(match))),
    inlined: new Uint8Array(nodes.length),
    matched: new Uint8Array(nodes.length),
    matchedValue: 0,
    narrowValue: 0,
    narrowNodes: 0,
    maxDepth: Math.max(...nodes.map(({ node }) => node.depth)),
    rootRow: zoomTo === "" ? -1 : nodes.findIndex(({ node }) => node.frame === zoomTo),
    strings: [...strings.keys()],
  };
}

function newNode(frame: string, parent: number, depth: number): Node {
  return { row: 0, children: new Map(), frame, parent, depth, value: 0, self: 0 };
}

function addStack(root: Node, line: string): void {
  const space = line.lastIndexOf(" ");
  const weight = Number(line.slice(space + 1));
  let node = root;
  node.value += weight;
  for (const frame of line.slice(0, space).split(";")) {
    const child: Node = node.children.get(frame) ?? newNode(frame, 0, node.depth + 1);
    node.children.set(frame, child);
    child.value += weight;
    node = child;
  }
  node.self += weight;
}

interface Placed {
  readonly node: Node;
  readonly row: number;
  readonly parent: number;
  readonly start: number;
}

function inOrder(root: Node): readonly Placed[] {
  const placed: Placed[] = [];
  const waiting: { node: Node; parent: number; start: number }[] = [{ node: root, parent: -1, start: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const row = placed.length;
    placed.push({ ...next, row });
    let start = next.start;
    const children = [...next.node.children.values()].sort((a, b) => (a.frame < b.frame ? -1 : 1));
    const entries = children.map((node) => {
      const entry = { node, parent: row, start };
      start += node.value;
      return entry;
    });
    waiting.push(...entries.reverse());
  }
  return placed;
}

export function topTableOf(
  rows: readonly {
    readonly name: string;
    readonly self: number;
    readonly total: number;
    readonly file?: string;
  }[],
  whole: number,
): TopTable {
  const strings = ["/usr/bin/demo", ...rows.flatMap((row) => [row.name, row.file ?? ""])];
  const self = Float64Array.from(rows, (row) => row.self);
  const total = Float64Array.from(rows, (row) => row.total);
  return {
    view: "top",
    unit: "samples",
    series: "cpu",
    totalValue: whole,
    totalSamples: whole,
    sampleSize: whole,
    strings,
    firstRow: 0,
    length: rows.length,
    function: Int32Array.from(rows, (_, row) => row + 40),
    name: Int32Array.from(rows, (_, row) => 1 + 2 * row),
    file: Int32Array.from(rows, (row, index) => (row.file === undefined ? -1 : 2 + 2 * index)),
    line: Int32Array.from(rows, (row) => (row.file === undefined ? -1 : 12)),
    binary: new Int32Array(rows.length),
    kind: new Uint8Array(rows.length),
    self,
    total,
    selfSamples: self,
    totalSamplesOf: total,
    matched: new Uint8Array(rows.length),
    rowsInAll: rows.length,
    isExact: false,
    calls: null,
    primitiveCalls: null,
  };
}

export function timelineTableOf(changes: Partial<TimelineTable> = {}): TimelineTable {
  return {
    view: "timeline",
    unit: "nanoseconds",
    series: "cpu",
    totalValue: 4e9,
    totalSamples: 400,
    startNs: 0,
    endNs: 4e9,
    timed: true,
    lanes: [
      {
        thread: 0,
        name: "demo",
        processName: "demo",
        pid: 10,
        tid: 10,
        totalValue: 4e9,
        bins: Float32Array.from([0, 0.5, 1, 0.25]),
        highlighted: null,
        waiting: null,
        running: null,
      },
    ],
    durationNs: 4e9,
    intervalLanes: [],
    intervalLanesInAll: 0,
    showsWaits: false,
    threadsInAll: 1,
    counters: [],
    marks: [],
    ...changes,
  };
}
