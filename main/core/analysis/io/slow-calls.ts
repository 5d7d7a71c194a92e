import { formatDuration } from "../../base/numbers.ts";
import type { TimelineMark } from "../../model/timeline-table.ts";
import { isWaitingCall } from "./call-words.ts";

/** Shorter ones are not what a person waits for. */
const SLOW_NS = 50e6;
const MOST_MARKS = 8;

/** The slowest system calls of a time, as marks on its timeline; not those that wait for whatever comes. */
export class SlowCalls {
  #slowest: { readonly call: string; readonly timeNs: number; readonly durationNs: number }[] = [];

  take(call: string, timeNs: number, durationNs: number): void {
    if (!(durationNs >= SLOW_NS) || isWaitingCall(call)) return;
    const slowest = this.#slowest;
    if (slowest.length === MOST_MARKS && durationNs <= (slowest.at(-1)?.durationNs ?? 0)) return;
    slowest.push({ call, timeNs, durationNs });
    slowest.sort((a, b) => b.durationNs - a.durationNs);
    this.#slowest = slowest.slice(0, MOST_MARKS);
  }

  get marks(): readonly TimelineMark[] {
    return this.#slowest.map(({ call, timeNs, durationNs }) => ({
      timeNs,
      name: `${call} ${formatDuration(durationNs)}`,
      category: "slow call",
    }));
  }
}
