import type { JsonValue } from "../../bytes/json-value.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { BpftraceKeys } from "./bpftrace-key.ts";
import type { PerfTextMaps } from "./perf-text-maps.ts";

/** What the workbench's programs for bpftrace have in common. */

/** Of the threads that wait when the recording ends: each map's value by thread. */
export type OpenWaits = ReadonlyMap<string, ReadonlyMap<number, JsonValue>>;

/** What one of the programs tells. */
export interface WaitSums {
  /** Maps whose entries are sums: how many stacks their keys begin with. */
  readonly stacksOf: (map: string) => number | undefined;
  add(map: string, stacks: readonly string[], numbers: readonly number[], sums: Sums): void;
  /** A line of the program's own; false where it cannot be read. */
  said?(text: string): boolean;
  /** An entry of a map that bpftrace prints at its end, whose key is of several numbers. */
  left?(map: string): void;
  /** The program has told what time it is. */
  round?(): void;
  finish(open: OpenWaits, endNs: number): void;
}

export interface Sums {
  readonly timeNs: number;
  readonly count: number;
  readonly totalNs: number;
}

/** What all of them need to know. */
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
