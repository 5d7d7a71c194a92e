import type { JsonValue } from "../../bytes/json-value.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { BpftraceKeys } from "./bpftrace-key.ts";
import type { PerfTextMaps } from "./perf-text-maps.ts";

/** What the workbench's programs for bpftrace have in common. */

/** Of the threads that wait when the recording ends: each map's value by thread. */
export type OpenWaits = ReadonlyMap<string, ReadonlyMap<number, JsonValue>>;

/** One of the two kinds of sums. */
export interface WaitSums {
  /** Maps whose entries are sums: how many stacks their keys begin with. */
  readonly stacksOf: (map: string) => number | undefined;
  add(map: string, stacks: readonly string[], numbers: readonly number[], sums: Sums): void;
  finish(open: OpenWaits, endNs: number): void;
}

export interface Sums {
  readonly timeNs: number;
  readonly count: number;
  readonly totalNs: number;
}

/** What both kinds need to know. */
export interface WaitWorld {
  readonly out: ProfileBuilder;
  readonly pid: number;
  readonly keys: BpftraceKeys;
  readonly maps: PerfTextMaps;
  /** Thread of the process that is recorded. */
  thread(tid: number): number;
  /** "name/tid" of any thread. */
  title(tid: number): string;
  /** A time of the kernel's as one of the profile. */
  timeOf(ns: number): number;
}
