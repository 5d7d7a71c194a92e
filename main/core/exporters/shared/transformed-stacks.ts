import { throwProblem } from "../../base/result.ts";
import { NONE } from "../../model/builder.ts";
import type { Profile, StackTable } from "../../model/profile.ts";
import type { Transform } from "../../model/query.ts";
import { RowInterner } from "../../model/row-interner.ts";

export interface TransformedStacks {
  readonly stacks: StackTable;
  /** Where a stack went: NONE where nothing of it is left, undefined where its samples do not count. */
  stackOf(stack: number): number | undefined;
}

/** Stacks as transforms leave them, in their order: each one sees the stacks that those before it left. */
export function transformStacks(profile: Profile, transforms: readonly Transform[]): TransformedStacks {
  const { length } = profile.stacks;
  let stacks = profile.stacks;
  let map: Int32Array | null = null;
  let keepsBare = true;
  const dropped = new Uint8Array(length);
  for (const { type, pattern } of transforms) {
    const matches = matchingFrames(profile, pattern);
    if (type === "focus" || type === "ignore") {
      const has = onStack(stacks, matches);
      const wanted = type === "focus" ? 1 : 0;
      for (let stack = 0; stack < length; stack++) {
        const now: number = map === null ? stack : map[stack];
        if ((now === NONE ? 0 : has[now]) !== wanted) dropped[stack] = 1;
      }
      if (type === "focus") keepsBare = false;
    } else {
      const reduced = without(stacks, type === "hide" ? matches : matches.map((flag) => 1 - flag));
      map = map === null ? reduced.map : map.map((now) => (now === NONE ? NONE : reduced.map[now]));
      stacks = reduced.stacks;
    }
  }
  const through = map;
  return {
    stacks,
    stackOf: (stack) => {
      if (stack === NONE) return keepsBare ? NONE : undefined;
      if (dropped[stack] === 1) return undefined;
      return through === null ? stack : through[stack];
    },
  };
}

/** 1 for frames whose function's name matches. */
function matchingFrames({ strings, functions, frames }: Profile, pattern: string): Uint8Array {
  const expression = compiled(pattern);
  const flags = functions.name.map((name) => (expression.test(strings[name] ?? "") ? 1 : 0));
  return Uint8Array.from(frames.function, (row) => flags[row]);
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "iu");
  } catch (error) {
    return throwProblem(
      "bad-pattern",
      `${JSON.stringify(pattern)} is not a regular expression.`,
      "Escape special characters with a backslash: \\( \\[ \\. \\* \\+ \\?",
      error instanceof Error ? error.message : "",
    );
  }
}

function onStack({ length, prefix, frame }: StackTable, matches: Uint8Array): Uint8Array {
  const has = new Uint8Array(length);
  for (let stack = 0; stack < length; stack++) {
    const above = prefix[stack];
    has[stack] = matches[frame[stack]] | (above === NONE ? 0 : has[above]);
  }
  return has;
}

/** Leaves frames out of stacks: what is called by them is called by their caller. */
function without(
  { length, prefix, frame }: StackTable,
  hidden: Uint8Array,
): { readonly stacks: StackTable; readonly map: Int32Array } {
  const rows = new RowInterner(2);
  const map = new Int32Array(length);
  const prefixes = new Int32Array(length);
  const frames = new Int32Array(length);
  let count = 0;
  for (let stack = 0; stack < length; stack++) {
    const above = prefix[stack] === NONE ? NONE : map[prefix[stack]];
    if (hidden[frame[stack]] === 1) {
      map[stack] = above;
      continue;
    }
    const row = rows.internPair(above, frame[stack]);
    if (row === count) {
      prefixes[count] = above;
      frames[count++] = frame[stack];
    }
    map[stack] = row;
  }
  const stacks = { length: count, prefix: prefixes.subarray(0, count), frame: frames.subarray(0, count) };
  return { stacks, map };
}
