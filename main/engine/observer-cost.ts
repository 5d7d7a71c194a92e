import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { ObserverCost } from "#core/model/recording.ts";
import { groups } from "./exec/process-groups.ts";
import { readProc } from "./targets/proc-files.ts";
import { ticksPerSecond } from "./targets/process-table.ts";
import { parseStat } from "./targets/stat.ts";

/**
 * What recording costs while it goes on: CPU of the profiler's processes and of the workbench itself (the engine and its
 * profile workers are one process), as percent of one core. A reading is a handful of small files of /proc.
 */

interface ObserverOptions {
  /** Over the last seconds. */
  changed(cost: ObserverCost): void;
  readonly intervalMs?: number;
}

export interface Observer extends Disposable {
  /** On average over the whole recording; after `dispose`, until then. */
  mean(): ObserverCost;
}

const windowReadings = 5;

interface Reading {
  readonly atNs: bigint;
  /** Since the first reading. */
  readonly toolTicks: number;
  readonly workbenchUs: number;
}

export function startObserver({ changed, intervalMs = 1000 }: ObserverOptions): Observer {
  const tools = createToolTicks();
  const read = (): Reading => {
    const { user, system } = process.cpuUsage();
    return { atNs: process.hrtime.bigint(), toolTicks: tools.read(), workbenchUs: user + system };
  };
  const first = read();
  let last: readonly Reading[] = [first];
  const between = (from: Reading, to: Reading): ObserverCost => {
    const spanS = Math.max(1e-3, Number(to.atNs - from.atNs) / 1e9);
    const profilerS = (to.toolTicks - from.toolTicks) / ticksPerSecond;
    return {
      profilerPercent: tools.seen ? (100 * profilerS) / spanS : null,
      workbenchPercent: (100 * (to.workbenchUs - from.workbenchUs)) / 1e6 / spanS,
    };
  };
  const latest = (): Reading => last.at(-1) ?? first;
  const take = (): void => {
    last = [...last.slice(-windowReadings), read()];
    changed(between(last[0] ?? first, latest()));
  };
  const timer = setInterval(take, intervalMs);
  const stop = disposable(() => {
    clearInterval(timer);
    last = [read()];
  });
  return { dispose: stop.dispose, mean: () => between(first, latest()) };
}

/**
 * CPU time of every program that records, with its descendants (root's too: their times are for all to read), and of those
 * that have ended. With several recordings at once it is that of all of them.
 */
function createToolTicks(): { read(): number; readonly seen: boolean } {
  let reaped = reapedTicks();
  let ended = 0;
  let alive: ReadonlyMap<number, number> = new Map();
  let programsEnded = groups.programsEnded;
  let seen = false;
  return {
    get seen() {
      return seen;
    },
    read() {
      const now = new Map(groups.of("tool").map((pid) => [pid, treeTicks(pid)]));
      const nowReaped = reapedTicks();
      // Looked at after the times, so that a program that is still there is in none of them.
      const programEnded =
        groups.programsEnded !== programsEnded || groups.of("program").some((pid) => statOf(pid) === null);
      // What a child of ours had used is known to the tick once it was waited for. A program that was launched to be
      // recorded is a child too: where one has ended, what tools were last seen with has to do.
      const gone = [...alive].filter(([pid]) => !now.has(pid)).reduce((sum, [, ticks]) => sum + ticks, 0);
      ended += programEnded ? gone : Math.max(gone, nowReaped - reaped);
      reaped = nowReaped;
      programsEnded = groups.programsEnded;
      alive = now;
      seen ||= now.size > 0;
      return ended + [...now.values()].reduce((sum, ticks) => sum + ticks, 0);
    },
  };
}

const statOf = (pid: number | "self"): ReturnType<typeof parseStat> => {
  const line = readProc(`/proc/${pid}/stat`);
  return line === null ? null : parseStat(line);
};

const reapedTicks = (): number => statOf("self")?.childTicks ?? 0;

/** A shell's or sudo's children are where the work is. */
const deepest = 16;

function treeTicks(root: number): number {
  let sum = 0;
  let level: readonly number[] = [root];
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const next: number[] = [];
    for (const pid of level) {
      const stat = statOf(pid);
      if (stat === null) continue;
      sum += stat.cpuTicks + stat.childTicks;
      const children = readProc(`/proc/${pid}/task/${pid}/children`)?.toString("latin1") ?? "";
      for (const child of children.split(" ")) if (child !== "") next.push(Number(child));
    }
    level = next;
  }
  return sum;
}
