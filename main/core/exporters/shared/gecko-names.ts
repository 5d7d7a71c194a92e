import { NONE } from "../../model/builder.ts";
import { type FunctionKind, functionKinds, kindAt, type Profile } from "../../model/profile.ts";

/**
 * What the Firefox Profiler colours by: the kinds of our functions first, then the categories of intervals. Colours are
 * of its own list; one of them has to be grey, for what has no category.
 */
export interface GeckoCategories {
  readonly list: readonly {
    readonly name: string;
    readonly color: string;
    readonly subcategories: string[];
  }[];
  ofKind(kind: number): number;
  ofInterval(category: number): number;
}

const kinds: Readonly<Record<FunctionKind, readonly [name: string, colour: string]>> = {
  native: ["Native", "orange"],
  kernel: ["Kernel", "red"],
  python: ["Python", "blue"],
  java: ["Java", "green"],
  go: ["Go", "lightblue"],
  node: ["JavaScript", "yellow"],
  jit: ["JIT", "green"],
  ruby: ["Ruby", "magenta"],
  runtime: ["Runtime", "purple"],
  gc: ["Garbage collection", "lightred"],
  idle: ["Idle", "transparent"],
  unknown: ["Other", "grey"],
  root: ["Root", "darkgrey"],
};

/** Tells a category without a name from none. */
const UNNAMED = "Uncategorised";

export function geckoCategories({ strings, intervals }: Profile): GeckoCategories {
  const list = functionKinds.map((kind) => {
    const [name, color] = kinds[kind];
    return { name, color, subcategories: ["Other"] };
  });
  const byName = new Map(list.map(({ name }, i) => [name, i]));
  const byString = new Map<number, number>();
  for (let row = 0; row < intervals.length; row++) {
    const category = intervals.category[row];
    if (byString.has(category)) continue;
    const name = strings[category] || UNNAMED;
    let index = byName.get(name);
    if (index === undefined) {
      index = list.length;
      list.push({ name, color: "grey", subcategories: ["Other"] });
      byName.set(name, index);
    }
    byString.set(category, index);
  }
  // The first grey one is the default: it has to be that of unknown functions.
  return {
    list,
    ofKind: (kind) => functionKinds.indexOf(kindAt(kind)),
    ofInterval: (category) => byString.get(category) ?? functionKinds.indexOf("unknown"),
  };
}

/** Libraries of a file, by row of our binaries. */
export const geckoLibraries = ({ strings, binaries }: Profile): readonly object[] =>
  Array.from({ length: binaries.length }, (_, row) => {
    const path = strings[binaries.path[row]] ?? "";
    const name = path.slice(path.lastIndexOf("/") + 1) || path;
    const buildId = binaries.buildId[row];
    return {
      arch: "",
      name,
      path,
      debugName: name,
      debugPath: path,
      breakpadId: "",
      codeId: buildId === NONE ? null : strings[buildId],
    };
  });

/** Facts of intervals that are worth a line in a tooltip: keys of their JSON objects whose values are plain. */
const MAX_FACTS = 60;
const MAX_LOOKED_AT = 20_000;

export interface GeckoFacts {
  /** What an interval says besides its name and times; without prototype and never null. */
  of(args: number): Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
}

export function geckoFacts({ strings, intervals }: Profile): GeckoFacts {
  const of = (args: number): Readonly<Record<string, unknown>> => {
    if (args === NONE) return {};
    try {
      const facts: unknown = JSON.parse(strings[args] ?? "");
      return typeof facts === "object" && facts !== null && !Array.isArray(facts)
        ? Object.fromEntries(Object.entries(facts))
        : { value: facts };
    } catch {
      // Not JSON after all: told as it is.
      return { text: strings[args] ?? "" };
    }
  };
  const keys = new Set<string>();
  const seen = new Set<number>();
  for (let row = 0; row < intervals.length && seen.size < MAX_LOOKED_AT; row++) {
    const args = intervals.args[row];
    if (seen.has(args)) continue;
    seen.add(args);
    for (const [key, value] of Object.entries(of(args)))
      if (keys.size < MAX_FACTS && key !== "type" && key !== "cause" && typeof value !== "object")
        keys.add(key);
  }
  return { of, keys: [...keys] };
}
