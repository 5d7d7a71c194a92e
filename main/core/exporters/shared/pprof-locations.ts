import { NONE } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import type { Profile } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";

/**
 * Locations as pprof has them: a place in the code with everything that was inlined there. Several rows of our stack
 * table may make one.
 */
export interface PprofLocations {
  /** Location of each stack's innermost frame. */
  readonly of: Int32Array;
  /** Stack of what called that location, NONE at a root. */
  readonly caller: Int32Array;
  /** Frames of a location, what was inlined deepest first. */
  framesOf(location: number): readonly number[];
}

export function pprofLocations({ stacks, frames }: Profile): PprofLocations {
  const { length, prefix, frame } = stacks;
  const { inlineDepth, addressHigh, addressLow } = frames;
  const rows = new RowInterner(2);
  /** The location without its last inlined frame, and that frame. */
  const outer = int32();
  const inner = int32();
  const of = new Int32Array(length);
  const caller = new Int32Array(length);
  const isInlinedInto = (at: number, above: number): boolean =>
    inlineDepth[at] > 0 &&
    inlineDepth[at] === inlineDepth[above] + 1 &&
    addressHigh[at] === addressHigh[above] &&
    addressLow[at] === addressLow[above];
  for (let stack = 0; stack < length; stack++) {
    const above = prefix[stack];
    const isInlined = above !== NONE && isInlinedInto(frame[stack], frame[above]);
    const within = isInlined ? of[above] : NONE;
    const row = rows.internPair(within, frame[stack]);
    if (row === outer.length) {
      outer.push(within);
      inner.push(frame[stack]);
    }
    of[stack] = row;
    caller[stack] = isInlined ? caller[above] : above;
  }
  return {
    of,
    caller,
    framesOf: (location) => {
      const found: number[] = [];
      for (let at = location; at !== NONE; at = outer.at(at)) found.push(inner.at(at));
      return found;
    },
  };
}
