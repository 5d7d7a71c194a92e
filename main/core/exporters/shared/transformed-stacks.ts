import { NONE } from "../../model/builder.ts";
import { DROPPED, type Paths, plainPaths } from "../../model/path-steps.ts";
import { compilePattern, matchesFunction } from "../../model/pattern.ts";
import type { FrameTable, FunctionTable, Profile, StackTable } from "../../model/profile.ts";
import type { Transform, TransformWhere } from "../../model/transform.ts";
import { transformPaths } from "../../model/transform-paths.ts";

export interface TransformedStacks {
  readonly stacks: StackTable;
  /** With what was collapsed under the name of its binary or file. */
  readonly frames: FrameTable;
  readonly functions: FunctionTable;
  /** Where a stack went: NONE where nothing of it is left, undefined where its samples do not count. */
  stackOf(stack: number): number | undefined;
}

/** Stacks as transforms leave them, in their order: each one sees the stacks that those before it left. */
export function transformStacks(profile: Profile, transforms: readonly Transform[]): TransformedStacks {
  const { length, prefix, frame } = profile.stacks;
  const source: Paths = { length, parent: prefix, item: frame };
  const functionOf = profile.frames.function;
  const { paths, map, keepsBare, renamed } = transformPaths(
    profile,
    source,
    { functionOf, newTree: plainPaths },
    transforms,
    { step: (_, make) => make(), flags: matching },
  );
  return {
    stacks: { length: paths.length, prefix: paths.parent, frame: paths.item },
    ...renamedTables(profile, renamed),
    stackOf: (stack) => {
      if (stack === NONE) return keepsBare ? NONE : undefined;
      if (map === null) return stack;
      return map[stack] === DROPPED ? undefined : map[stack];
    },
  };
}

function matching(profile: Profile, pattern: string, where: TransformWhere): Uint8Array {
  const expression = compilePattern(pattern);
  return Uint8Array.from({ length: profile.functions.length }, (_, func) =>
    matchesFunction(profile, func, expression, where) ? 1 : 0,
  );
}

/** A function that stands for a binary has its name, and no place in a source or in memory. */
function renamedTables(
  { functions, frames }: Profile,
  renamed: ReadonlyMap<number, number>,
): { readonly functions: FunctionTable; readonly frames: FrameTable } {
  if (renamed.size === 0) return { functions, frames };
  const column = <T extends Int32Array | Uint32Array>(
    values: T,
    owner: (row: number) => number,
    none: number,
  ): T => {
    const own = values.slice() as T;
    for (let row = 0; row < own.length; row++) if (renamed.has(owner(row))) own[row] = none;
    return own;
  };
  const ofFunction = (row: number): number => row;
  const ofFrame = (row: number): number => frames.function[row];
  return {
    functions: {
      ...functions,
      name: functions.name.map((name, func) => renamed.get(func) ?? name),
      file: column(functions.file, ofFunction, NONE),
      line: column(functions.line, ofFunction, NONE),
    },
    frames: {
      ...frames,
      addressHigh: column(frames.addressHigh, ofFrame, 0xffffffff),
      addressLow: column(frames.addressLow, ofFrame, 0xffffffff),
      line: column(frames.line, ofFrame, NONE),
      column: column(frames.column, ofFrame, NONE),
      inlineDepth: column(frames.inlineDepth, ofFrame, 0),
      ...(frames.symbol && { symbol: column(frames.symbol, ofFrame, NONE) }),
    },
  };
}
