interface SplitKey {
  /** Each as bpftrace prints a stack: lines that begin with a blank, the innermost first; "" for one that is empty. */
  readonly stacks: readonly string[];
  /** NaN for what is none. */
  readonly numbers: readonly number[];
}

/** The parts of a key that begins with so many stacks and goes on with numbers: "\n\tframe\n\tframe\n,,12,7". */
export function splitKey(key: string, stackCount: number): SplitKey {
  const stacks: string[] = [];
  let at = 0;
  while (stacks.length < stackCount) {
    const isStack = key[at] === "\n" && /^[\t ]/.test(key.slice(at + 1, at + 2));
    const end = key.indexOf(isStack ? "\n," : ",", at);
    stacks.push(isStack ? key.slice(at, end === -1 ? key.length : end) : "");
    if (end === -1) return { stacks, numbers: [Number.NaN] };
    at = end + (isStack ? 2 : 1);
  }
  return { stacks, numbers: key.slice(at).split(",").map(numberOf) };
}

const numberOf = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN);

/** Lines of a stack, without its first, empty one. */
export const linesOf = (stack: string): readonly string[] =>
  stack.split("\n").filter((line) => line.trim() !== "");
