import type { Profile } from "../model/profile.ts";
import type { Selection } from "../model/query.ts";
import type { WeighedTree } from "../model/weighed-tree.ts";
import { flameTree } from "./flame-tree.ts";
import { allSeries, type ChosenSeries } from "./series.ts";
import { ShownFunctions } from "./shown-functions.ts";
import type { Weigher } from "./weigh.ts";

/** The nodes with weight of a selection's call tree, for a comparison. */
export function weighedTree(weigher: Weigher, profile: Profile, selection: Selection): WeighedTree {
  const forest = whole(weigher, profile, selection);
  const { tree, weighed } = forest;
  const { chosen } = weighed;
  const isExact = chosen !== null && chosen.series.exact !== null;
  const counting = chosen && !isExact ? countsOf(profile, chosen) : null;
  const counted =
    counting === "rows"
      ? { self: ownSamples(forest), total: weighed.totalSamples }
      : counting && own(whole(weigher, profile, { ...selection, series: counting }));
  const selfOf = forest.self;

  const { parent, function: functions } = tree;
  const isNeeded = new Uint8Array(tree.length);
  let length = 0;
  for (let node = tree.length - 1; node >= 0; node--) {
    if (isNeeded[node] === 0 && selfOf[node] === 0 && !(counted && (counted.self[node] ?? 0) > 0)) continue;
    isNeeded[node] = 1;
    length++;
    if (parent[node] !== -1) isNeeded[parent[node]] = 1;
  }
  const shown = new ShownFunctions(profile, weighed.renamed);
  const nameIndex = new Map<number, number>();
  const names: string[] = [];
  const columns = {
    parent: new Int32Array(length),
    name: new Int32Array(length),
    self: new Float64Array(length),
    selfCount: new Float64Array(counted ? length : 0),
  };
  const rows = new Int32Array(tree.length);
  let row = 0;
  for (let node = 0; node < tree.length; node++) {
    if (isNeeded[node] === 0) continue;
    const text = shown.name(functions[node]);
    let name = nameIndex.get(text);
    if (name === undefined) {
      name = names.length;
      nameIndex.set(text, name);
      names.push(profile.strings[text] ?? "");
    }
    rows[node] = row;
    columns.parent[row] = parent[node] === -1 ? -1 : rows[parent[node]];
    columns.name[row] = name;
    columns.self[row] = selfOf[node];
    if (counted) columns.selfCount[row] = counted.self[node] ?? 0;
    row++;
  }
  return {
    series: chosen?.id ?? "",
    kind: chosen?.series.kind ?? "other",
    unit: chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalCount: counted ? counted.total : null,
    durationNs: durationOf(profile, selection),
    isExact,
    length,
    ...columns,
    names,
  };
}

const whole = (weigher: Weigher, profile: Profile, selection: Selection) =>
  flameTree(weigher, profile, {
    view: "flame",
    selection,
    widthPx: 0,
    minPx: 0,
    maxRows: Number.MAX_SAFE_INTEGER,
    root: -1,
    order: "name",
    inverted: false,
  });

const own = ({ self, weighed }: ReturnType<typeof whole>) => ({ self, total: weighed.totalValue });

/** Samples that end at a node; upside down, those that begin there. */
function ownSamples({ tree: { parent, length }, samples }: ReturnType<typeof whole>): Float64Array {
  const own = samples.slice(0, length);
  for (let node = 0; node < length; node++)
    if (parent[node] !== -1) own[parent[node]] -= samples[node] as number;
  return own;
}

/**
 * Where the numbers of samples are: in another value of the same series, in the series itself, or, where each sample has
 * a time of its own, they are its rows. Of allocations and heaps there are none: their numbers are all that there were, or
 * are scaled up from samples that the file does not tell.
 */
function countsOf(profile: Profile, { series, id, unit }: ChosenSeries): "rows" | string | null {
  if (series.kind === "heap" || series.kind === "alloc") return null;
  const isCount = (of: string): boolean => of === "samples" || of === "count";
  if (isCount(unit)) return id;
  const siblings = allSeries(profile).filter((each) => each.series === series && isCount(each.unit));
  const sibling = siblings.find(({ value }) => /^(samples|count|hits)$/i.test(value.name));
  if (sibling) return sibling.id;
  return series.time !== null && (series.kind === "cpu" || series.kind === "wall") ? "rows" : null;
}

function durationOf({ meta }: Profile, { rangeNs, lastNs }: Selection): number {
  if (rangeNs) return Math.max(0, Math.min(rangeNs[1], meta.durationNs) - rangeNs[0]);
  return lastNs === null ? meta.durationNs : Math.min(lastNs, meta.durationNs);
}
