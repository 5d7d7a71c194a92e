import type { AddressColumns } from "./tables.ts";

/** What `objdump --disassemble --line-numbers` says of one function. */
export interface Disassembly {
  readonly files: readonly string[];
  readonly instructions: readonly Instruction[];
}

export interface Instruction {
  /** As the file on disk counts them. */
  readonly address: number;
  readonly text: string;
  /** Index into `files`, -1 where the debug information does not say. */
  readonly file: number;
  readonly line: number;
}

/** A function's instructions and what each cost. */
export interface Assembly extends Disassembly {
  /** The file on this machine that was disassembled. */
  readonly path: string;
  /** Of the instructions, in the selection's unit. */
  readonly self: Float64Array;
  /** Weight of what was called from there. */
  readonly calls: Float64Array;
  /** Weight at addresses that are not in the function as the file has it. */
  readonly unplaced: number;
  readonly command: readonly string[];
  /** What the reader has to know, in words. */
  readonly notes: readonly string[];
}

/** A function's code in a file. */
export interface CodeRange {
  readonly start: number;
  readonly sizeBytes: number;
}

/** Lines of objdump: "/src/a.c:12 (discriminator 3)", "main():", "    1139:\tpush   %rbp". */
export function parseObjdump(output: string): Disassembly {
  const files: string[] = [];
  const indexOf = new Map<string, number>();
  const instructions: Instruction[] = [];
  let file = -1;
  let line = -1;
  let isCode = false;
  for (const text of output.split("\n")) {
    const code = /^\s*([0-9a-f]+):\t(.*)$/.exec(text);
    if (code) {
      const words = (code[2] ?? "").replace(/\s+/g, " ").trim();
      // Bytes of an instruction that is too long for one row come without words.
      if (words !== "")
        instructions.push({ address: Number.parseInt(code[1] ?? "", 16), text: words, file, line });
      isCode = true;
      continue;
    }
    if (/^[0-9a-f]+ <.*>:$/.test(text)) {
      file = -1;
      line = -1;
      isCode = true;
      continue;
    }
    const place = isCode ? /^(.+):(\d+)(?: \(discriminator \d+\))?$/.exec(text) : null;
    if (!place || text.endsWith("():")) continue;
    const name = place[1] ?? "";
    file = indexOf.get(name) ?? files.length;
    if (file === files.length) {
      indexOf.set(name, file);
      files.push(name);
    }
    line = Number(place[2]);
  }
  return { files, instructions };
}

const PAGE = 4096;

export interface KnownPlace extends CodeRange {
  readonly address: number;
}

/**
 * How far from its place in the file the code lay in memory: a whole number of pages, the same for a whole binary. Of all
 * that would do for some address, the one that would do for the most; 0 where there are no addresses.
 */
export function loadBias(places: readonly KnownPlace[]): number {
  const votes = new Map<number, number>();
  for (const { address, start, sizeBytes } of places) {
    const nearest = Math.floor((address - start) / PAGE) * PAGE;
    for (let bias = nearest; address - bias - start < Math.max(1, sizeBytes); bias -= PAGE)
      votes.set(bias, (votes.get(bias) ?? 0) + 1);
  }
  let best = 0;
  for (const [bias, count] of votes)
    if (count > (votes.get(best) ?? 0) || (count === votes.get(best) && Math.abs(bias) < Math.abs(best)))
      best = bias;
  return best;
}

export interface PlacedCosts {
  readonly self: Float64Array;
  readonly calls: Float64Array;
  readonly unplaced: number;
}

/** Which instruction each address is: of calls, the one before the address that they return to. */
export function placeCosts(
  instructions: readonly Instruction[],
  range: CodeRange,
  bias: number,
  addresses: AddressColumns & { readonly self: Float64Array; readonly calls: Float64Array },
): PlacedCosts {
  const self = new Float64Array(instructions.length);
  const calls = new Float64Array(instructions.length);
  let unplaced = 0;
  const starts = instructions.map(({ address }) => address);
  const rowOf = (address: number): number => {
    const into = address - bias - range.start;
    // Another process may have had the binary somewhere else: within a page that makes no difference.
    const near =
      into >= 0 && into < range.sizeBytes ? into : (((address - range.start) % PAGE) + PAGE) % PAGE;
    return near < range.sizeBytes ? lastAtOrBefore(starts, range.start + near) : -1;
  };
  const add = (column: Float64Array, address: number, value: number): void => {
    const row = value > 0 ? rowOf(address) : 0;
    if (row === -1) unplaced += value;
    else if (value > 0) column[row] = (column[row] ?? 0) + value;
  };
  for (let at = 0; at < addresses.length; at++) {
    const address = addressAt(addresses, at);
    add(self, address, addresses.self[at] ?? 0);
    add(calls, address - 1, addresses.calls[at] ?? 0);
  }
  return { self, calls, unplaced };
}

export const addressAt = ({ high, low }: AddressColumns, at: number): number =>
  (high[at] ?? 0) * 2 ** 32 + (low[at] ?? 0);

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** What the lines of one file cost, by the instructions made of them. */
export function linesOfAssembly(
  { instructions, files, self, calls }: Assembly,
  file: string,
): ReadonlyMap<number, { readonly self: number; readonly total: number }> {
  const lines = new Map<number, { self: number; total: number }>();
  const wanted = files.indexOf(file);
  for (const [row, instruction] of instructions.entries()) {
    if (instruction.file !== wanted || wanted === -1) continue;
    const own = self[row] ?? 0;
    const called = calls[row] ?? 0;
    if (own === 0 && called === 0) continue;
    const cost = lines.get(instruction.line) ?? { self: 0, total: 0 };
    cost.self += own;
    cost.total += own + called;
    lines.set(instruction.line, cost);
  }
  return lines;
}

/** The file that most of the weight is in, "" where no instruction has one. */
export function fileOfAssembly({ instructions, files, self, calls }: Assembly): string {
  const weights = new Float64Array(files.length);
  for (const [row, { file }] of instructions.entries())
    if (file >= 0) weights[file] = (weights[file] ?? 0) + (self[row] ?? 0) + (calls[row] ?? 0) + 1e-9;
  const best = weights.indexOf(Math.max(...weights));
  return files[best] ?? "";
}
