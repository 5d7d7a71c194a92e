/** Made-up profiles that look like real ones: skewed functions, shared prefixes, several threads. Seeded. */

export interface Sizes {
  /** Stack nodes of the profile that is built in memory; then samples are taken of stacks that there are. 0: no limit. */
  readonly nodes: number;
  readonly samples: number;
  /** Mean frames a stack. */
  readonly depth: number;
  readonly functions: number;
  readonly threads: number;
}

/** mulberry32: 32 bits of state, good enough and the same everywhere. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface MadeSample {
  readonly thread: number;
  readonly timeNs: number;
  /** Function numbers, root first. */
  readonly stack: readonly number[];
}

/** Each sample keeps a part of its thread's last stack, as programs do. */
export function* makeSamples(sizes: Sizes): Iterable<MadeSample> {
  const next = random(42);
  const last: number[][] = Array.from({ length: sizes.threads }, () => [0]);
  const periodNs = 1e9 / 997;
  for (let i = 0; i < sizes.samples; i++) {
    const thread = i % sizes.threads;
    const stack = last[thread];
    stack.length = Math.max(1, Math.floor(stack.length * (0.55 + 0.45 * next())));
    const depth = Math.max(2, Math.round(sizes.depth * (0.5 + next())));
    while (stack.length < depth) stack.push(Math.floor(sizes.functions * next() ** 3));
    yield { thread, timeNs: Math.floor(i / sizes.threads) * periodNs, stack };
  }
}

/** Which of `stacks` known ones each further sample is: few of them often, most of them seldom, as programs do. */
export function* pickStacks(stacks: number, samples: number): Iterable<number> {
  const next = random(4242);
  for (let i = 0; i < samples; i++) yield Math.floor(stacks * next() ** 2);
}

export const nameOf = (func: number): string =>
  func % 3 === 0 ? `app::module_${func % 17}::Worker<int>::step_${func}` : `do_something_${func}`;

function* joined(parts: Iterable<string>): Iterable<Buffer> {
  let waiting: string[] = [];
  for (const part of parts) {
    waiting.push(part);
    if (waiting.length < 2000) continue;
    yield Buffer.from(waiting.join(""));
    waiting = [];
  }
  yield Buffer.from(waiting.join(""));
}

function* perfScriptParts(sizes: Sizes): Iterable<string> {
  for (const { thread, timeNs, stack } of makeSamples(sizes)) {
    const nanos = Math.round(timeNs) + 4_304_000_000_000;
    const time = `${Math.floor(nanos / 1e9)}.${String(nanos % 1e9).padStart(9, "0")}`;
    const lines = [
      `program ${1000}/${1000 + thread} [00${thread % 8}]  ${time}:    1003009 cpu-clock:ppp: \n`,
    ];
    for (let at = stack.length - 1; at >= 0; at--)
      lines.push(
        `\t${(0x401000 + stack[at] * 64).toString(16).padStart(16)} ${nameOf(stack[at])}+0x1c (/srv/bin/program)\n`,
      );
    lines.push("\n");
    yield lines.join("");
  }
}

function* collapsedParts(sizes: Sizes): Iterable<string> {
  for (const { stack } of makeSamples(sizes)) yield `${stack.map(nameOf).join(";")} 1\n`;
}

function* cpuprofileParts(sizes: Sizes): Iterable<string> {
  const nodes: { id: number; func: number; children: number[] }[] = [{ id: 1, func: -1, children: [] }];
  const known = new Map<string, number>();
  const leaves: number[] = [];
  for (const { stack } of makeSamples(sizes)) {
    let at = 1;
    for (const func of stack) {
      const key = `${at}/${func}`;
      let child = known.get(key);
      if (child === undefined) {
        child = nodes.length + 1;
        known.set(key, child);
        nodes.push({ id: child, func, children: [] });
        nodes[at - 1].children.push(child);
      }
      at = child;
    }
    leaves.push(at);
  }
  yield '{"nodes":[';
  for (const node of nodes) {
    const functionName = node.func === -1 ? "(root)" : nameOf(node.func);
    const url = node.func === -1 ? "" : `file:///srv/app/module-${node.func % 40}.js`;
    const callFrame = { functionName, scriptId: "1", url, lineNumber: node.func % 900, columnNumber: 4 };
    yield `${node.id === 1 ? "" : ","}${JSON.stringify({ id: node.id, callFrame, hitCount: 0, children: node.children })}`;
  }
  yield `],"startTime":1000,"endTime":${1000 + leaves.length * 1000},"samples":[`;
  for (let i = 0; i < leaves.length; i++) yield `${i === 0 ? "" : ","}${leaves[i]}`;
  yield '],"timeDeltas":[';
  for (let i = 0; i < leaves.length; i++) yield i === 0 ? "1000" : ",1000";
  yield "]}";
}

export const generators = {
  "perf-script": (sizes: Sizes) => joined(perfScriptParts(sizes)),
  collapsed: (sizes: Sizes) => joined(collapsedParts(sizes)),
  cpuprofile: (sizes: Sizes) => joined(cpuprofileParts(sizes)),
} as const;
export type GeneratedFormat = keyof typeof generators;
