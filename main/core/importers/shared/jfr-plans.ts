import type { SeriesKind } from "../../model/profile.ts";
import type { JfrClass, JfrField } from "./jfr-metadata.ts";

/** What a value in an event is for. */
export type LeafRole = "start" | "duration" | "thread" | "stack" | "number" | "text" | "constant" | "skip";

/** One value of an event, in the order in which they lie; values of structures in it stand in line with the others. */
export interface Leaf {
  readonly role: LeafRole;
  /** "heapSpace.committedSize" */
  readonly name: string;
  readonly field: JfrField;
}

/** How the events of a class become rows of the profile. */
export interface Plan {
  readonly type: JfrClass;
  readonly leaves: readonly Leaf[];
  readonly hasDuration: boolean;
  readonly hasStack: boolean;
  readonly hasThread: boolean;
  /** Where the values of its series stand among the leaves; "duration" and "period" are not among them. */
  readonly series: SeriesPlan | null;
  /** Its series has its events even where they have no stack. */
  readonly isKnown: boolean;
  /** It tells of settings where it took no time: it has texts of its own. */
  readonly hasText: boolean;
  /** Its numbers over time, where it is about nothing but them. */
  readonly isCounter: boolean;
}

export interface PlannedValue {
  readonly name: string;
  readonly unit: string;
  /** Index of the leaf; -1 for the duration of the event, -2 for the period of its sampling. */
  readonly leaf: number;
}

export interface SeriesPlan {
  readonly kind: SeriesKind;
  readonly values: readonly PlannedValue[];
}

const DURATION = -1;
const PERIOD = -2;
const MAX_LEAVES = 200;

/** What the best-known events measure, first what is looked at first; of all others it is worked out from their fields. */
export const knownEvents: Readonly<Record<string, readonly [SeriesKind, ...string[]]>> = {
  "jdk.ExecutionSample": ["cpu", "period"],
  "jdk.NativeMethodSample": ["wall", "period"],
  "jdk.CPUTimeSample": ["cpu", "samplingPeriod"],
  "profiler.WallClockSample": ["wall", "period"],
  "jdk.ObjectAllocationInNewTLAB": ["alloc", "tlabSize", "allocationSize"],
  "jdk.ObjectAllocationOutsideTLAB": ["alloc", "allocationSize"],
  "jdk.ObjectAllocationSample": ["alloc", "weight"],
  "profiler.LiveObject": ["heap", "allocationSize"],
  "profiler.Malloc": ["alloc", "size"],
  "jdk.JavaMonitorEnter": ["lock", "duration"],
  "jdk.JavaMonitorInflate": ["lock", "duration"],
  "jdk.ThreadPark": ["lock", "duration"],
  "jdk.VirtualThreadPinned": ["lock", "duration"],
  "jdk.JavaMonitorWait": ["offcpu", "duration"],
  "jdk.ThreadSleep": ["offcpu", "duration"],
  "jdk.FileRead": ["io", "duration", "bytesRead"],
  "jdk.FileWrite": ["io", "duration", "bytesWritten"],
  "jdk.FileForce": ["io", "duration"],
  "jdk.SocketRead": ["io", "duration", "bytesRead"],
  "jdk.SocketWrite": ["io", "duration", "bytesWritten"],
};

/** Samples and settings are about a thread by another name. */
const threadFields: ReadonlySet<string> = new Set(["eventThread", "sampledThread"]);
/** Names of things that are counted up, not measured. */
const isNumbering = (name: string): boolean =>
  /(^|\.)(\w*Id|age|address|start|\w*Address|\w*End)$/.test(name);

export function planOf(type: JfrClass): Plan {
  const leaves: Leaf[] = [];
  addLeaves(type.fields, "", leaves, 0);
  const roles = new Set(leaves.map(({ role }) => role));
  const hasStack = roles.has("stack");
  const isSetting = type.name.endsWith("Configuration");
  const isStatistics = type.name.endsWith("Statistics") && !/^jdk\.Thread/.test(type.name);
  const isPlain = isStatistics || (!hasStack && !roles.has("duration") && !roles.has("thread"));
  const constants = leaves.filter(({ role }) => role === "constant").length;
  return {
    type,
    leaves,
    hasDuration: roles.has("duration"),
    hasStack,
    hasThread: roles.has("thread"),
    series: hasStack ? seriesOf(type, leaves) : null,
    isKnown: knownEvents[type.name] !== undefined,
    hasText: roles.has("text"),
    isCounter:
      isPlain &&
      !isSetting &&
      !roles.has("text") &&
      constants <= 1 &&
      leaves.some(({ role, name }) => role === "number" && !isNumbering(name)),
  };
}

/** Leaves that a counter shows. */
export const isMeasure = ({ role, name }: Leaf): boolean => role === "number" && !isNumbering(name);

function addLeaves(fields: readonly JfrField[], prefix: string, into: Leaf[], depth: number): void {
  for (const field of fields) {
    const name = prefix + field.name;
    const role = roleOf(field, prefix);
    if (role === null && depth < 4 && into.length < MAX_LEAVES && field.type)
      addLeaves(field.type.fields, `${name}.`, into, depth + 1);
    else into.push({ role: role ?? "skip", name, field });
  }
}

/** Null for a structure, whose fields stand in its place. */
function roleOf(field: JfrField, prefix: string): LeafRole | null {
  const type = field.type?.name ?? "";
  if (field.isArray) return "skip";
  if (field.isConstant) {
    if (type === "jdk.types.StackTrace" && prefix === "") return "stack";
    return type === "java.lang.Thread" && threadFields.has(field.name) ? "thread" : "constant";
  }
  if (type === "java.lang.String") return "text";
  if (prefix === "" && type === "long" && field.name === "startTime") return "start";
  if (prefix === "" && type === "long" && field.name === "duration") return "duration";
  if (/^(long|int|short|char|byte|boolean|float|double)$/.test(type)) return "number";
  return (field.type?.fields.length ?? 0) > 0 ? null : "skip";
}

function seriesOf(type: JfrClass, leaves: readonly Leaf[]): SeriesPlan {
  const [kind = "other", ...wanted] = knownEvents[type.name] ?? [];
  // What is thrown takes no time.
  const names = wanted.length > 0 ? wanted : type.name.endsWith("Throw") ? [] : measuresOf(leaves);
  const values: PlannedValue[] = [];
  for (const name of names) {
    if (name === "duration") values.push({ name: "time", unit: "nanoseconds", leaf: DURATION });
    else if (name === "period") values.push({ name: "time", unit: "nanoseconds", leaf: PERIOD });
    else {
      const leaf = leaves.findIndex((each) => each.name === name && each.role === "number");
      if (leaf !== -1) values.push({ name, unit: unitOf(leaves[leaf]?.field), leaf });
    }
  }
  return { kind, values };
}

/** The duration of an event and its amounts of data. */
const measuresOf = (leaves: readonly Leaf[]): string[] => [
  ...leaves.filter(({ role }) => role === "duration").map(({ name }) => name),
  ...leaves.filter(({ role, field }) => role === "number" && field.unit === "BYTES").map(({ name }) => name),
];

export function unitOf(field: JfrField | undefined): string {
  const unit = field?.unit ?? "";
  if (unit === "BYTES" || /^(weight|size|\w+Size)$/.test(field?.name ?? "")) return "bytes";
  return unit === "" ? "count" : unit === "PERCENTAGE" ? "ratio" : "nanoseconds";
}

/** ns in one of what a number counts. */
export function nsPer(unit: string, nsPerTick: number): number {
  if (unit === "TICKS") return nsPerTick;
  const factors: Readonly<Record<string, number>> = {
    NANOSECONDS: 1,
    MICROSECONDS: 1e3,
    MILLISECONDS: 1e6,
    SECONDS: 1e9,
  };
  return factors[unit] ?? 1;
}
