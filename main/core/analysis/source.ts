import type { Profile } from "../model/profile.ts";
import type { SourceQuery } from "../model/query.ts";
import type { SourceTable } from "../model/tables.ts";
import { type FrameWeights, frameWeights } from "./frame-weights.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weigher } from "./weigh.ts";

const NO_ADDRESS = 0xffffffff;
/** Addresses of other functions that are enough to tell where a binary lies. */
const MOST_LANDMARKS = 200;

/**
 * A function's file by line: what each line cost itself and with what it called, inlined calls at their own lines. And the
 * function by address, for its instructions.
 */
export function source(weigher: Weigher, profile: Profile, query: SourceQuery): SourceTable {
  const weights = frameWeights(weigher, profile, query.selection);
  const found = functionOf(profile, weights, query);
  const used = new UsedStrings(profile);
  const { functions, binaries, strings } = profile;
  const text = (index: number): string => (index === -1 ? "" : (strings[index] ?? ""));
  const { function: func, file, files } = found;
  const binary = func === -1 ? -1 : functions.binary[func];
  return {
    view: "source",
    series: weights.chosen?.id ?? "",
    unit: weights.chosen?.unit ?? "samples",
    totalValue: weights.totalValue,
    totalSamples: weights.totalSamples,
    function: func === -1 ? "" : query.function,
    functionIndex: func,
    kind: func === -1 ? 0 : functions.kind[func],
    startLine: func === -1 ? -1 : functions.line[func],
    self: found.self,
    total: found.total,
    file: text(file),
    files: files.map(text),
    binary: binary === -1 ? "" : text(binaries.path[binary]),
    buildId: binary === -1 ? "" : text(binaries.buildId[binary]),
    ...linesOf(profile, weights, file, used),
    addresses: addressesOf(profile, weights, found.same),
    landmarks: landmarksOf(profile, weights, binary, found.same),
    strings: used.strings,
  };
}

interface Found {
  /** Of the name, the one with the most weight (in the wanted file); -1 for none. */
  readonly function: number;
  readonly same: Uint8Array;
  /** String index of the file; -1 where it is not known. */
  readonly file: number;
  readonly files: readonly number[];
  readonly self: number;
  readonly total: number;
}

function functionOf(profile: Profile, weights: FrameWeights, query: SourceQuery): Found {
  const { functions, strings } = profile;
  const named = new Uint8Array(functions.length);
  for (let func = 0; func < functions.length; func++)
    if (strings[functions.name[func]] === query.function && !weights.renamed.has(func)) named[func] = 1;
  const totals = totalsOf(profile, weights, named);
  const ofFile = new Map<number, number>();
  for (const [func, { total }] of totals)
    ofFile.set(functions.file[func], (ofFile.get(functions.file[func]) ?? 0) + total);
  const files = [...ofFile.keys()]
    .filter((file) => file !== -1)
    .sort((a, b) => (ofFile.get(b) ?? 0) - (ofFile.get(a) ?? 0));
  const wanted = query.file === "" ? undefined : files.find((file) => strings[file] === query.file);
  const file = wanted ?? files[0] ?? -1;
  const same = new Uint8Array(functions.length);
  let best = -1;
  let self = 0;
  let total = 0;
  for (const [func, cost] of totals) {
    if (file !== -1 && functions.file[func] !== file) continue;
    same[func] = 1;
    self += cost.self;
    total += cost.total;
    if (best === -1 || cost.total > (totals.get(best)?.total ?? 0)) best = func;
  }
  return { function: best, same, file, files, self, total };
}

/** Self and total of each flagged function; recursion counts once. */
function totalsOf(
  { frames }: Profile,
  { paths, self, total }: FrameWeights,
  flagged: Uint8Array,
): Map<number, { self: number; total: number }> {
  const { parent, item, length } = paths;
  const costs = new Map<number, { self: number; total: number }>();
  /** The innermost flagged node on the path, itself included; -1 for none. */
  const inside = new Int32Array(length).fill(-1);
  for (let func = 0; func < flagged.length; func++)
    if (flagged[func] === 1) costs.set(func, { self: 0, total: 0 });
  if (costs.size === 0) return costs;
  for (let node = 0; node < length; node++) {
    const func = frames.function[item[node]];
    const above = parent[node] === -1 ? -1 : inside[parent[node]];
    inside[node] = flagged[func] === 1 ? node : above;
    const cost = flagged[func] === 1 ? costs.get(func) : undefined;
    if (!cost) continue;
    cost.self += self[node];
    if (above === -1) cost.total += total[node];
  }
  return costs;
}

type Lines = Pick<
  SourceTable,
  "length" | "line" | "lineSelf" | "lineTotal" | "lineSamples" | "lineFunction" | "unplaced"
>;

interface LineCost {
  self: number;
  total: number;
  samples: number;
  function: number;
  most: number;
}

function linesOf(profile: Profile, weights: FrameWeights, file: number, used: UsedStrings): Lines {
  const costs = new Map<number, LineCost>();
  let unplaced = 0;
  if (file !== -1) {
    const { frames, functions } = profile;
    const { paths, self, total, samples } = weights;
    const { parent, item, length } = paths;
    const lineOf = (node: number): number => {
      const frame = item[node];
      return functions.file[frames.function[frame]] === file ? frames.line[frame] : -1;
    };
    const onPath = new LinesOnPath(parent, lineOf);
    for (let node = 0; node < length; node++) {
      if (samples[node] === 0) continue;
      const func = frames.function[item[node]];
      if (functions.file[func] !== file) continue;
      const line = frames.line[item[node]];
      if (line < 0) {
        unplaced += self[node];
        continue;
      }
      let cost = costs.get(line);
      if (!cost) {
        cost = { self: 0, total: 0, samples: 0, function: func, most: 0 };
        costs.set(line, cost);
      }
      cost.self += self[node];
      if (total[node] > cost.most) {
        cost.most = total[node];
        cost.function = func;
      }
      if (onPath.has(parent[node], line)) continue;
      cost.total += total[node];
      cost.samples += samples[node];
    }
  }
  const rows = [...costs].sort(([a], [b]) => a - b);
  const column = (of: (cost: LineCost) => number): Float64Array =>
    Float64Array.from(rows, ([, cost]) => of(cost));
  return {
    length: rows.length,
    line: Int32Array.from(rows, ([line]) => line),
    lineSelf: column((cost) => cost.self),
    lineTotal: column((cost) => cost.total),
    lineSamples: column((cost) => cost.samples),
    lineFunction: Int32Array.from(rows, ([, cost]) => used.of(profile.functions.name[cost.function])),
    unplaced,
  };
}

/** How often each line is on the path to a node, kept by walking from the node that was asked about before. */
class LinesOnPath {
  readonly #parent: Int32Array;
  readonly #lineOf: (node: number) => number;
  readonly #depth: Int32Array;
  readonly #counts = new Map<number, number>();
  #at = -1;

  constructor(parent: Int32Array, lineOf: (node: number) => number) {
    this.#parent = parent;
    this.#lineOf = lineOf;
    this.#depth = new Int32Array(parent.length);
    for (let node = 0; node < parent.length; node++)
      this.#depth[node] = parent[node] === -1 ? 0 : this.#depth[parent[node]] + 1;
  }

  has(node: number, line: number): boolean {
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
    return (this.#counts.get(line) ?? 0) > 0;
  }

  #depthOf(node: number): number {
    return node === -1 ? -1 : this.#depth[node];
  }

  #add(node: number, step: number): void {
    const line = this.#lineOf(node);
    if (line >= 0) this.#counts.set(line, (this.#counts.get(line) ?? 0) + step);
  }
}

/** Of a function where it stands for itself: what was inlined into it is its own code. */
function addressesOf(profile: Profile, weights: FrameWeights, same: Uint8Array): SourceTable["addresses"] {
  const { frames } = profile;
  const { paths, self, total } = weights;
  const { parent, item, length } = paths;
  const own = self.slice();
  const costs = new Map<number, { self: number; calls: number }>();
  for (let node = length - 1; node >= 0; node--) {
    const frame = item[node];
    if (frames.inlineDepth[frame] > 0 && parent[node] !== -1) {
      own[parent[node]] += own[node];
      continue;
    }
    if (same[frames.function[frame]] !== 1 || total[node] === 0 || !hasAddress(profile, frame)) continue;
    const cost = costs.get(frame) ?? { self: 0, calls: 0 };
    cost.self += own[node];
    cost.calls += total[node] - own[node];
    costs.set(frame, cost);
  }
  const rows = [...costs.keys()].sort(
    (a, b) =>
      frames.addressHigh[a] - frames.addressHigh[b] || frames.addressLow[a] - frames.addressLow[b] || a - b,
  );
  return {
    length: rows.length,
    high: Uint32Array.from(rows, (frame) => frames.addressHigh[frame]),
    low: Uint32Array.from(rows, (frame) => frames.addressLow[frame]),
    self: Float64Array.from(rows, (frame) => costs.get(frame)?.self ?? 0),
    calls: Float64Array.from(rows, (frame) => costs.get(frame)?.calls ?? 0),
  };
}

const hasAddress = ({ frames }: Profile, frame: number): boolean =>
  frames.addressHigh[frame] !== NO_ADDRESS || frames.addressLow[frame] !== NO_ADDRESS;

/** Of frames at the end of stacks, whose addresses are exact; one a function. */
function landmarksOf(
  profile: Profile,
  { paths, self }: FrameWeights,
  binary: number,
  same: Uint8Array,
): SourceTable["landmarks"] {
  const { frames, functions, strings } = profile;
  const { item, length } = paths;
  const known = new Map<number, number>();
  for (let node = 0; binary !== -1 && node < length && known.size < MOST_LANDMARKS; node++) {
    const frame = item[node];
    const func = frames.function[frame];
    if (self[node] === 0 || functions.binary[func] !== binary || same[func] === 1 || known.has(func))
      continue;
    if (frames.inlineDepth[frame] === 0 && hasAddress(profile, frame)) known.set(func, frame);
  }
  const rows = [...known.values()];
  return {
    length: rows.length,
    high: Uint32Array.from(rows, (frame) => frames.addressHigh[frame]),
    low: Uint32Array.from(rows, (frame) => frames.addressLow[frame]),
    name: rows.map((frame) => strings[functions.name[frames.function[frame]]] ?? ""),
  };
}
