import { type HeapClasses, heapClasses } from "../model/heap-classes.ts";
import { type HeapDominators, heapDominators } from "../model/heap-dominators.ts";
import type { HeapGraph, Profile } from "../model/profile.ts";
import type { HeapQuery } from "../model/query.ts";
import type { HeapClassRow, HeapObjectRow, HeapTable } from "../model/tables.ts";
import { type HeapRetainers, heapDistances, heapRetainers, RUNTIME_DISTANCE } from "./heap-distances.ts";
import { compilePattern } from "./patterns.ts";

const NONE = -1;

/** Everything that is worked out of a graph, each when it is first wanted. */
class HeapAnalysis {
  readonly graph: HeapGraph;
  readonly text: (index: number) => string;
  readonly classes: HeapClasses;
  #rows: readonly HeapClassRow[] | null = null;
  #distances: Int32Array | null = null;
  #retainers: HeapRetainers | null = null;

  constructor(graph: HeapGraph, strings: readonly string[]) {
    this.graph = graph;
    this.text = (index) => strings[index] ?? "";
    this.classes = heapClasses(graph, this.text);
  }

  get dominators(): HeapDominators {
    return heapDominators(this.graph, this.text);
  }

  get rows(): readonly HeapClassRow[] {
    this.#rows ??= classRows(this.graph, this.classes, this.dominators);
    return this.#rows;
  }

  get distances(): Int32Array {
    this.#distances ??= heapDistances(this.graph, this.text);
    return this.#distances;
  }

  get retainers(): HeapRetainers {
    this.#retainers ??= heapRetainers(this.graph);
    return this.#retainers;
  }
}

const analyses = new WeakMap<HeapGraph, HeapAnalysis>();

function analysisOf(profile: Profile, graph: HeapGraph): HeapAnalysis {
  let analysis = analyses.get(graph);
  if (!analysis) {
    analysis = new HeapAnalysis(graph, profile.strings);
    analyses.set(graph, analysis);
  }
  return analysis;
}

/** The kinds of objects of a heap, the most retained first; none where the profile has no heap. */
export const heapClassRows = (profile: Profile): readonly HeapClassRow[] =>
  profile.heap ? analysisOf(profile, profile.heap).rows : [];

/** What the objects of each class hold together: an object below another of its class is not counted twice. */
function classRows(
  { nodes }: HeapGraph,
  classes: HeapClasses,
  { dominator, retainedBytes, order }: HeapDominators,
): readonly HeapClassRow[] {
  const count = classes.names.length;
  const objects = new Float64Array(count);
  const self = new Float64Array(count);
  const retained = new Float64Array(count);
  // The walk in `order` enters a dominator before all that it dominates, but not at once after it: so the children are
  // listed, and walked with the classes that are open on the way.
  const first = new Int32Array(nodes.length + 1);
  for (const node of order) if (node !== 0) first[dominator[node] + 1]++;
  for (let node = 0; node < nodes.length; node++) first[node + 1] += first[node];
  const below = new Int32Array(Math.max(0, nodes.length - 1));
  const fill = first.slice(0, nodes.length);
  for (const node of order) if (node !== 0) below[fill[dominator[node]]++] = node;
  const isOpen = new Int32Array(count);
  const next = first.slice(0, nodes.length);
  const path = new Int32Array(nodes.length);
  let depth = 0;
  const enter = (node: number): void => {
    const index = classes.of[node];
    objects[index]++;
    self[index] += nodes.selfSizeBytes[node];
    if (isOpen[index]++ === 0) retained[index] += retainedBytes[node];
    path[depth++] = node;
  };
  if (nodes.length > 0) path[depth++] = 0;
  while (depth > 0) {
    const node = path[depth - 1];
    if (next[node] < first[node + 1]) enter(below[next[node]++]);
    else {
      depth--;
      if (node !== 0) isOpen[classes.of[node]]--;
    }
  }
  const rows = classes.names.map((name, i) => ({
    name,
    objects: objects[i],
    selfBytes: self[i],
    retainedBytes: retained[i],
  }));
  // The root's own class has no object.
  return rows
    .filter((row) => row.objects > 0)
    .sort((a, b) => b.retainedBytes - a.retainedBytes || byName(a, b));
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

const orders: Readonly<Record<HeapQuery["sort"], (a: HeapClassRow, b: HeapClassRow) => number>> = {
  retained: (a, b) => b.retainedBytes - a.retainedBytes,
  self: (a, b) => b.selfBytes - a.selfBytes,
  objects: (a, b) => b.objects - a.objects,
  name: byName,
};

/** What fills a heap, and who holds it. */
export function heap(profile: Profile, query: HeapQuery): HeapTable {
  const graph = profile.heap;
  const empty = { classes: [], classesInAll: 0, members: [], object: null, retainers: [], path: [] };
  if (!graph) return { view: "heap", objects: 0, references: 0, totalBytes: 0, ...empty };
  const analysis = analysisOf(profile, graph);
  const pattern = query.filter === "" ? null : compilePattern(query.filter);
  const wanted = analysis.rows.filter(({ name }) => pattern === null || pattern.test(name));
  const { object, limit } = query;
  const isObject = Number.isInteger(object) && object >= 0 && object < graph.nodes.length;
  return {
    view: "heap",
    objects: graph.nodes.length,
    references: graph.edges.length,
    totalBytes: graph.nodes.selfSizeBytes.reduce((sum, each) => sum + each, 0),
    classes: [...wanted].sort((a, b) => orders[query.sort](a, b) || byName(a, b)).slice(0, limit),
    classesInAll: wanted.length,
    members: query.members === null ? [] : membersOf(analysis, query.members, limit),
    object: isObject ? objectRow(analysis, object, NONE) : null,
    retainers: isObject ? retainersOf(analysis, object, limit) : [],
    path: isObject ? pathOf(analysis, object) : [],
  };
}

function objectRow(analysis: HeapAnalysis, object: number, edge: number): HeapObjectRow {
  const { graph, classes, text } = analysis;
  const { nodes } = graph;
  const distance = analysis.distances[object];
  return {
    object,
    id: nodes.id[object],
    name: text(nodes.name[object]),
    className: classes.names[classes.of[object]] ?? "",
    selfBytes: nodes.selfSizeBytes[object],
    retainedBytes: analysis.dominators.retainedBytes[object],
    distance: distance >= RUNTIME_DISTANCE ? NONE : distance,
    isDetached: nodes.detached[object] === 1,
    reference: edge === NONE ? "" : referenceText(analysis, edge),
  };
}

/** As it would stand in the program. */
function referenceText({ graph: { edges }, text }: HeapAnalysis, edge: number): string {
  const index = edges.index[edge];
  if (index !== NONE) return `[${index}]`;
  const name = edges.name[edge] === NONE ? "" : text(edges.name[edge]);
  const type = text(edges.type[edge]);
  if (type === "property")
    return /^[\p{ID_Start}$_#][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  return type === "context" ? name : `${name} (${type})`;
}

function membersOf(analysis: HeapAnalysis, className: string, limit: number): readonly HeapObjectRow[] {
  const { classes } = analysis;
  const { retainedBytes } = analysis.dominators;
  const index = classes.names.indexOf(className);
  const members: number[] = [];
  if (index !== NONE)
    for (let node = 0; node < classes.of.length; node++) if (classes.of[node] === index) members.push(node);
  members.sort((a, b) => retainedBytes[b] - retainedBytes[a] || a - b);
  return members.slice(0, limit).map((node) => objectRow(analysis, node, NONE));
}

/** Farther than any object that can be reached. */
const UNREACHED = 2 ** 31;
const nearness = (distances: Int32Array, node: number): number =>
  distances[node] === NONE ? UNREACHED : distances[node];

function retainersOf(analysis: HeapAnalysis, object: number, limit: number): readonly HeapObjectRow[] {
  const { first, from, edge } = analysis.retainers;
  const { distances } = analysis;
  const places = Array.from({ length: first[object + 1] - first[object] }, (_, i) => first[object] + i);
  places.sort((a, b) => nearness(distances, from[a]) - nearness(distances, from[b]) || a - b);
  return places.slice(0, limit).map((place) => objectRow(analysis, from[place], edge[place]));
}

/** Longer than anybody reads. */
const LONGEST_PATH = 1000;

function pathOf(analysis: HeapAnalysis, object: number): readonly HeapObjectRow[] {
  const { first, from, edge } = analysis.retainers;
  const { edges } = analysis.graph;
  const { distances, text } = analysis;
  const path: HeapObjectRow[] = [];
  let at = object;
  while (at !== 0 && path.length < LONGEST_PATH) {
    let best = NONE;
    for (let place = first[at]; place < first[at + 1]; place++) {
      if (text(edges.type[edge[place]]) === "weak") continue;
      // The root comes last of all by distance, but it is where a way from the program's roots begins.
      if (from[place] === 0 && (distances[at] === 1 || best === NONE)) best = place;
      else if (distances[from[place]] !== NONE && distances[from[place]] === distances[at] - 1) best = place;
    }
    if (best === NONE) break;
    path.push(objectRow(analysis, from[best], edge[best]));
    at = from[best];
  }
  return path;
}
