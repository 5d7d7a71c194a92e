import {
  BARE,
  DROPPED,
  type GrowingPaths,
  isAboutStacks,
  PathStep,
  type Paths,
  type StepFacts,
} from "./path-steps.ts";
import { compilePattern } from "./pattern.ts";
import type { Profile } from "./profile.ts";
import type { Transform, TransformWhere } from "./transform.ts";

/** What transforms make of a tree of paths. */
export interface TransformedPaths {
  readonly paths: Paths;
  /** Where each node went: BARE, DROPPED, or a node; null: nowhere but where it was. */
  readonly map: Int32Array | null;
  /** Do samples without a stack count? */
  readonly keepsBare: boolean;
  /** Functions that stand for a whole binary or file now: string index of its name. */
  readonly renamed: ReadonlyMap<number, number>;
}

/** The caches that make it cheap to ask again; keys are those of the transforms up to the step. */
export interface TransformCaches {
  step(key: string, make: () => PathStep): PathStep;
  /** 1 for functions that match; may be longer than the table. */
  flags(profile: Profile, pattern: string, where: TransformWhere): Uint8Array;
}

/** Items of a tree, as the profile has them: functions, or frames. */
export interface Items {
  /** null: items are functions. */
  readonly functionOf: Int32Array | null;
  readonly newTree: () => GrowingPaths;
}

export function transformPaths(
  profile: Profile,
  source: Paths,
  { functionOf, newTree }: Items,
  transforms: readonly Transform[],
  caches: TransformCaches,
): TransformedPaths {
  let paths = source;
  let map: Int32Array | null = null;
  let keepsBare = true;
  const renamed = new Map<number, number>();
  let key = "";
  for (const transform of transforms) {
    if (!isAboutStacks(transform)) continue;
    key += JSON.stringify(transform);
    const facts = factsOf(profile, functionOf, transform, renamed, caches);
    const step = caches.step(key, () => new PathStep(transform, newTree()));
    const result = step.extend(paths, facts);
    paths = result.paths;
    map = through(map, result.map, result.keepsBare);
    if (!result.keepsBare) keepsBare = false;
    if (transform.type === "collapse-module")
      for (const [func, name] of facts.collapsed()) renamed.set(func, name);
  }
  return { paths, map, keepsBare, renamed };
}

function through(first: Int32Array | null, second: Int32Array, keepsBare: boolean): Int32Array {
  if (first === null) return second;
  return first.map((node) => (node >= 0 ? second[node] : node === BARE && !keepsBare ? DROPPED : node));
}

interface CollapsingFacts extends StepFacts {
  /** Functions that stand for modules, and the modules' names. */
  collapsed(): Iterable<readonly [number, number]>;
}

const everyFunction: ReadonlySet<Transform["type"]> = new Set([
  "collapse-direct-recursion",
  "collapse-recursion",
]);

function factsOf(
  profile: Profile,
  functionOf: Int32Array | null,
  transform: Transform,
  renamed: ReadonlyMap<number, number>,
  caches: TransformCaches,
): CollapsingFacts {
  const { strings, functions } = profile;
  const nameOf = (func: number): string => strings[renamed.get(func) ?? functions.name[func]] ?? "";
  const modules =
    transform.type === "collapse-module" ? modulesOf(profile, functionOf, transform.pattern) : null;
  return {
    functionOf,
    flags: flagsOf(profile, transform, renamed, nameOf, caches),
    nameOf,
    moduleOf: (func) => modules?.of[func] ?? -1,
    moduleItem: (module) => modules?.items.get(module) ?? -1,
    collapsed: () =>
      [...(modules?.items ?? [])].map(([module, item]) => [
        functionOf === null ? item : functionOf[item],
        module,
      ]),
  };
}

function flagsOf(
  profile: Profile,
  transform: Transform,
  renamed: ReadonlyMap<number, number>,
  nameOf: (func: number) => string,
  caches: TransformCaches,
): Uint8Array {
  const { length } = profile.functions;
  if ("function" in transform) {
    const flags = new Uint8Array(length);
    for (let func = 0; func < length; func++) if (nameOf(func) === transform.function) flags[func] = 1;
    return flags;
  }
  if (!("pattern" in transform) || transform.type === "collapse-module") return new Uint8Array(0);
  if (transform.pattern === "" && everyFunction.has(transform.type)) return new Uint8Array(length).fill(1);
  const where = ("where" in transform ? transform.where : undefined) ?? "name";
  const flags = caches.flags(profile, transform.pattern, where);
  if (renamed.size === 0) return flags;
  const own = flags.slice();
  const expression = compilePattern(transform.pattern);
  for (const [func, name] of renamed) own[func] = expression.test(strings(profile, name)) ? 1 : 0;
  return own;
}

const strings = (profile: Profile, index: number): string => profile.strings[index] ?? "";

interface Modules {
  /** By function: string index of its module's name where it is to be collapsed, else -1. */
  readonly of: Int32Array;
  /** The first item of each. */
  readonly items: ReadonlyMap<number, number>;
}

function modulesOf(profile: Profile, functionOf: Int32Array | null, pattern: string): Modules {
  const { functions, binaries } = profile;
  const expression = compilePattern(pattern);
  const wanted = new Map<number, boolean>();
  const of = new Int32Array(functions.length);
  for (let func = 0; func < of.length; func++) {
    const name = functions.binary[func] === -1 ? functions.file[func] : binaries.path[functions.binary[func]];
    let isWanted = wanted.get(name);
    if (isWanted === undefined) {
      isWanted = name !== -1 && expression.test(strings(profile, name));
      wanted.set(name, isWanted);
    }
    of[func] = isWanted ? name : -1;
  }
  const items = new Map<number, number>();
  const count = functionOf?.length ?? functions.length;
  for (let item = 0; item < count; item++) {
    const module = of[functionOf === null ? item : functionOf[item]];
    if (module !== -1 && !items.has(module)) items.set(module, item);
  }
  return { of, items };
}
