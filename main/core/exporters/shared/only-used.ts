import { NONE } from "../../model/builder.ts";
import type { Profile } from "../../model/profile.ts";

/** The samples and intervals of a profile without stacks, frames, functions and binaries that none of them needs. */
export function onlyUsed(profile: Profile): Profile {
  const { stacks, frames, functions, binaries } = profile;
  const stackUsed = new Uint8Array(stacks.length);
  for (const { stack } of [...profile.series, profile.intervals])
    for (let i = 0; i < stack.length; i++) if (stack[i] !== NONE) stackUsed[stack[i]] = 1;
  // Callers come before what they call.
  for (let row = stacks.length - 1; row >= 0; row--)
    if (stackUsed[row] === 1 && stacks.prefix[row] !== NONE) stackUsed[stacks.prefix[row]] = 1;

  const stackRows = renumber(stackUsed);
  const frameRows = renumber(flagged(frames.length, stacks.frame, stackRows.kept));
  const functionRows = renumber(flagged(functions.length, frames.function, frameRows.kept));
  const binaryRows = renumber(flagged(binaries.length, functions.binary, functionRows.kept));
  const moved = (column: Int32Array, to: Int32Array): Int32Array =>
    column.map((row) => (row === NONE ? NONE : to[row]));
  return {
    ...profile,
    binaries: {
      length: binaryRows.kept.length,
      path: pick(binaries.path, binaryRows.kept),
      buildId: pick(binaries.buildId, binaryRows.kept),
    },
    functions: {
      length: functionRows.kept.length,
      name: pick(functions.name, functionRows.kept),
      binary: moved(pick(functions.binary, functionRows.kept), binaryRows.to),
      file: pick(functions.file, functionRows.kept),
      line: pick(functions.line, functionRows.kept),
      kind: Uint8Array.from(functionRows.kept, (row) => functions.kind[row]),
    },
    frames: {
      length: frameRows.kept.length,
      function: moved(pick(frames.function, frameRows.kept), functionRows.to),
      addressHigh: Uint32Array.from(frameRows.kept, (row) => frames.addressHigh[row]),
      addressLow: Uint32Array.from(frameRows.kept, (row) => frames.addressLow[row]),
      line: pick(frames.line, frameRows.kept),
      column: pick(frames.column, frameRows.kept),
      inlineDepth: pick(frames.inlineDepth, frameRows.kept),
      ...(frames.symbol && { symbol: pick(frames.symbol, frameRows.kept) }),
    },
    stacks: {
      length: stackRows.kept.length,
      prefix: moved(pick(stacks.prefix, stackRows.kept), stackRows.to),
      frame: moved(pick(stacks.frame, stackRows.kept), frameRows.to),
    },
    series: profile.series.map((series) => ({ ...series, stack: moved(series.stack, stackRows.to) })),
    intervals: { ...profile.intervals, stack: moved(profile.intervals.stack, stackRows.to) },
    heap: null,
  };
}

interface Renumbered {
  /** The old rows that stay, in order. */
  readonly kept: Int32Array;
  /** New row of each old one; only those that stay mean anything. */
  readonly to: Int32Array;
}

function renumber(used: Uint8Array): Renumbered {
  const kept = new Int32Array(used.length);
  const to = new Int32Array(used.length);
  let count = 0;
  for (let row = 0; row < used.length; row++) {
    if (used[row] === 0) continue;
    to[row] = count;
    kept[count++] = row;
  }
  return { kept: kept.subarray(0, count), to };
}

/** Flags the rows that a column of another table points at, in those of its rows that stay. */
function flagged(length: number, column: Int32Array, rows: Int32Array): Uint8Array {
  const flags = new Uint8Array(length);
  for (let i = 0; i < rows.length; i++) {
    const at = column[rows[i]];
    if (at !== NONE) flags[at] = 1;
  }
  return flags;
}

const pick = (column: Int32Array, rows: Int32Array): Int32Array => {
  const picked = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]];
  return picked;
};
