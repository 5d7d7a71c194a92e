import * as v from "valibot";
import { type ExactCosts, type HeapGraph, type Profile, seriesKinds } from "./profile.ts";

/** The invariants of a profile that came from outside: what every analysis relies on without looking again. */

const int32 = v.instance(Int32Array);
const uint32 = v.instance(Uint32Array);
const uint8 = v.instance(Uint8Array);
const float64 = v.instance(Float64Array);
const length = v.pipe(v.number(), v.integer(), v.minValue(0));

const float64Columns = v.array(float64);

const exact = v.object({
  calls: v.object({
    length,
    caller: int32,
    callee: int32,
    line: int32,
    calls: float64,
    values: float64Columns,
  }),
  functions: v.object({
    length,
    function: int32,
    calls: float64,
    primitiveCalls: float64,
    self: float64Columns,
    inclusive: float64Columns,
  }),
});

const heap = v.object({
  nodes: v.object({
    length,
    type: int32,
    name: int32,
    id: float64,
    selfSizeBytes: float64,
    firstEdge: int32,
    detached: uint8,
    stack: int32,
  }),
  edges: v.object({ length, type: int32, name: int32, index: int32, to: int32 }),
});

export const recordedFactsSchema = v.object({
  observer: v.nullable(v.object({ profilerPercent: v.nullable(v.number()), workbenchPercent: v.number() })),
  optimised: v.nullable(v.boolean()),
  flags: v.custom<readonly string[]>(
    (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
  ),
});

const shape = v.object({
  strings: v.array(v.string()),
  binaries: v.object({ length, path: int32, buildId: int32 }),
  functions: v.object({ length, name: int32, binary: int32, file: int32, line: int32, kind: uint8 }),
  frames: v.object({
    length,
    function: int32,
    addressHigh: uint32,
    addressLow: uint32,
    line: int32,
    column: int32,
    inlineDepth: int32,
    symbol: v.optional(int32),
  }),
  stacks: v.object({ length, prefix: int32, frame: int32 }),
  processes: v.object({ length, pid: int32, name: int32, start: float64, end: float64 }),
  threads: v.object({ length, process: int32, tid: int32, name: int32, start: float64, end: float64 }),
  labels: v.object({ length, set: int32, key: int32, text: int32, number: float64, unit: int32 }),
  series: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      kind: v.picklist(seriesKinds),
      length,
      time: v.nullable(float64),
      thread: int32,
      stack: int32,
      labels: v.nullable(int32),
      values: v.pipe(
        v.array(v.object({ name: v.string(), unit: v.string(), data: v.nullable(float64) })),
        v.minLength(1),
      ),
      exact: v.nullable(exact),
    }),
  ),
  intervals: v.object({
    length,
    start: float64,
    end: float64,
    thread: int32,
    category: int32,
    name: int32,
    stack: int32,
    args: int32,
  }),
  counters: v.array(
    v.object({ id: v.string(), name: v.string(), unit: v.string(), length, time: float64, value: float64 }),
  ),
  heap: v.nullable(heap),
  meta: v.object({
    format: v.string(),
    tool: v.string(),
    toolVersion: v.string(),
    command: v.string(),
    target: v.string(),
    host: v.string(),
    kernel: v.string(),
    stackMethod: v.string(),
    startedAtMs: v.number(),
    originSeconds: v.number(),
    originNanos: v.number(),
    durationNs: v.number(),
    periodNs: v.number(),
    lostSamples: v.number(),
    notes: v.array(v.string()),
    recorded: v.optional(recordedFactsSchema),
  }),
});

/** What is wrong with it in words, or null when it is a profile that can be worked with. */
export function profileFault(value: unknown): string | null {
  const parsed = v.safeParse(shape, value);
  if (!parsed.success) return `${v.getDotPath(parsed.issues[0]) ?? "its profile"} is not as it should be`;
  const profile: Profile = parsed.output;
  const {
    strings,
    binaries,
    functions,
    frames,
    stacks,
    processes,
    threads,
    labels,
    series,
    intervals,
    counters,
  } = profile;
  const tables = { binaries, functions, frames, stacks, processes, threads, labels, intervals };
  for (const [name, table] of Object.entries(tables))
    for (const [column, values] of Object.entries(table))
      if (typeof values === "object" && values.length !== table.length)
        return `${name}.${column} is not as long as its table`;
  for (const each of series) {
    const columns = [each.time, each.thread, each.stack, each.labels, ...each.values.map((one) => one.data)];
    if (columns.some((column) => column !== null && column.length !== each.length))
      return `a column of series ${each.id} is not as long as the series`;
    const fault = each.exact && exactFault(each.exact, each.values.length);
    if (fault) return `${each.id}: ${fault}`;
  }
  if (counters.some((each) => each.time.length !== each.length || each.value.length !== each.length))
    return "a counter's columns differ in length";

  const heapProblem = profile.heap && heapFault(profile.heap);
  if (heapProblem) return heapProblem;

  const text = strings.length;
  const sets = labels.set.reduce((most, set) => Math.max(most, set + 1), 0);
  const ranges: readonly (readonly [string, Int32Array | null, number, number])[] = [
    ["binaries.path", binaries.path, 0, text],
    ["binaries.buildId", binaries.buildId, -1, text],
    ["functions.name", functions.name, 0, text],
    ["functions.binary", functions.binary, -1, binaries.length],
    ["functions.file", functions.file, -1, text],
    ["frames.function", frames.function, 0, functions.length],
    ["frames.symbol", frames.symbol ?? null, -1, text],
    ["stacks.frame", stacks.frame, 0, frames.length],
    ["processes.name", processes.name, 0, text],
    ["threads.process", threads.process, 0, processes.length],
    ["threads.name", threads.name, 0, text],
    ["labels.key", labels.key, 0, text],
    ["labels.text", labels.text, -1, text],
    ["labels.unit", labels.unit, -1, text],
    ["intervals.thread", intervals.thread, -1, threads.length],
    ["intervals.category", intervals.category, 0, text],
    ["intervals.name", intervals.name, 0, text],
    ["intervals.stack", intervals.stack, -1, stacks.length],
    ["intervals.args", intervals.args, -1, text],
    ...series.flatMap(
      (each) =>
        [
          [`${each.id}.thread`, each.thread, -1, threads.length],
          [`${each.id}.stack`, each.stack, -1, stacks.length],
          [`${each.id}.labels`, each.labels, -1, sets],
          [`${each.id}.caller`, each.exact?.calls.caller ?? null, -1, functions.length],
          [`${each.id}.callee`, each.exact?.calls.callee ?? null, 0, functions.length],
          [`${each.id}.function`, each.exact?.functions.function ?? null, 0, functions.length],
        ] as const,
    ),
    ["heap.type", profile.heap?.nodes.type ?? null, 0, text],
    ["heap.name", profile.heap?.nodes.name ?? null, 0, text],
    ["heap.stack", profile.heap?.nodes.stack ?? null, -1, stacks.length],
    ["heap.edge type", profile.heap?.edges.type ?? null, 0, text],
    ["heap.edge name", profile.heap?.edges.name ?? null, -1, text],
  ];
  for (const [name, column, least, end] of ranges)
    if (column && !within(column, least, end)) return `${name} points outside its table`;
  for (let stack = 0; stack < stacks.length; stack++)
    if (stacks.prefix[stack] < -1 || stacks.prefix[stack] >= stack) return "a stack comes before its caller";
  return null;
}

function exactFault({ calls, functions }: ExactCosts, values: number): string | null {
  const callColumns = [calls.caller, calls.callee, calls.line, calls.calls, ...calls.values];
  if (callColumns.some((column) => column.length !== calls.length))
    return "columns of calls differ in length";
  const costs = [...functions.self, ...functions.inclusive];
  const functionColumns = [functions.function, functions.calls, functions.primitiveCalls, ...costs];
  if (functionColumns.some((column) => column.length !== functions.length))
    return "columns of function costs differ in length";
  const hasAll = [calls.values, functions.self, functions.inclusive].every((each) => each.length === values);
  return hasAll ? null : "exact costs are not one a value";
}

function heapFault({ nodes, edges }: HeapGraph): string | null {
  const nodeColumns = [nodes.type, nodes.name, nodes.id, nodes.selfSizeBytes, nodes.detached, nodes.stack];
  if (nodeColumns.some((column) => column.length !== nodes.length))
    return "columns of objects differ in length";
  if ([edges.type, edges.name, edges.index, edges.to].some((column) => column.length !== edges.length))
    return "columns of references differ in length";
  const { firstEdge } = nodes;
  if (firstEdge.length !== nodes.length + 1 || firstEdge[0] !== 0 || firstEdge[nodes.length] !== edges.length)
    return "references do not belong to objects";
  for (let i = 0; i < nodes.length; i++)
    if (firstEdge[i] > firstEdge[i + 1]) return "references do not belong to objects";
  return within(edges.to, 0, nodes.length) ? null : "a reference leads to no object";
}

function within(column: Int32Array, least: number, end: number): boolean {
  for (let i = 0; i < column.length; i++) if (column[i] < least || column[i] >= end) return false;
  return true;
}
