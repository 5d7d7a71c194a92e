import {
  idleWaitsId,
  lockHolderSightingsId,
  lockHoldersId,
  lockHoldsId,
  lockLabel,
  lockSightingsId,
  lockWaitsId,
} from "../../model/lock-waits.ts";
import type { Profile, Series } from "../../model/profile.ts";
import { allSeries, type ChosenSeries } from "../series.ts";
import { isLockFunction, isWorkFunction } from "./sites.ts";

/** What a row of a series says of a lock. Labels differ by recorder; what none says is "". */
export interface LockWords {
  readonly lock: string;
  readonly kind: string;
  readonly address: string;
  readonly holder: string;
  readonly isIdle: boolean;
  readonly isOpen: boolean;
  /** The longest wait, where sums say it; NaN. */
  readonly maxNs: number;
  /** What a tagfocus finds it by. */
  readonly tag: string;
}

export interface LockSource {
  readonly chosen: ChosenSeries;
  /** "both": Go's mutex profile sums waits by the stack of who held the lock. */
  readonly role: "waits" | "holders";
  /** How many waits a row is; null for one. */
  readonly counts: Float64Array | null;
  /** Waits of any length are summed up in a row; otherwise those of a row are about as long as each other. */
  readonly isMixed: boolean;
  /** A row is a moment of a wait, which stands for so many ns until the next; null where its value says how long it was. */
  readonly everyNs: number | null;
  /** A row is a sample of who had it: how long anybody had it at a time is not known. */
  readonly isSampled: boolean;
  /** A row's time is where its wait began, not where it ended. */
  readonly startsAtTime: boolean;
  /** `names` are the functions of its stack from the innermost out. */
  words(set: number, names: readonly string[]): LockWords;
}

const holderIds: readonly string[] = [lockHoldersId, lockHoldsId, lockHolderSightingsId];

type Labels = (set: number, key: string) => string;

/** Every series of a profile that is about waiting for locks. */
export function lockSources(profile: Profile): readonly LockSource[] {
  const labels = labelReader(profile);
  const sources: LockSource[] = [];
  for (const chosen of firstValues(profile)) {
    const { series } = chosen;
    const words = wordsOf(series, labels);
    const isSeen = series.id === lockSightingsId || series.id === lockHolderSightingsId;
    if (words === null || (chosen.unit !== "nanoseconds" && !isSeen)) continue;
    const column = (wanted: string) => series.values.find(({ name }) => name === wanted);
    const mixed = column("contentions")?.data ?? null;
    const counts = mixed ?? column("waits")?.data ?? null;
    sources.push({
      chosen,
      role: holderIds.includes(series.id) || isGoMutex(profile, series) ? "holders" : "waits",
      counts,
      isMixed: mixed !== null,
      isSampled: series.id === lockHoldsId && column("samples") !== undefined,
      everyNs: isSeen ? usualStepNs(profile) : null,
      startsAtTime: isSeen || series.id.startsWith("jdk."),
      words,
    });
  }
  return sources;
}

/** Between two dumps of all threads in which somebody wanted a lock; 0 where there is one. */
function usualStepNs({ series }: Profile): number {
  const seen = series.find(({ id }) => id === lockSightingsId);
  const times = [...new Set(seen?.time ?? [])].sort((a, b) => a - b);
  const steps = times
    .slice(1)
    .map((time, i) => time - (times[i] ?? time))
    .sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 0;
}

const firstValues = (profile: Profile): readonly ChosenSeries[] =>
  allSeries(profile).filter(({ series, value }) => series.values[0] === value);

function wordsOf(series: Series, labels: Labels): LockSource["words"] | null {
  if (
    series.id === lockWaitsId ||
    series.id === lockSightingsId ||
    series.id === idleWaitsId ||
    holderIds.includes(series.id)
  ) {
    const isIdle = series.id === idleWaitsId;
    return (set) => {
      const lock = labels(set, lockLabel.lock);
      return {
        lock,
        kind: labels(set, lockLabel.kind),
        address: labels(set, lockLabel.address),
        holder: labels(set, lockLabel.holder),
        isIdle,
        isOpen: labels(set, lockLabel.open) !== "",
        maxNs: Number.NaN,
        tag: tagOf(lockLabel.lock, lock),
      };
    };
  }
  const plain = { address: "", holder: "", isIdle: false, isOpen: false, maxNs: Number.NaN, tag: "" };
  if (series.id === "jdk.JavaMonitorEnter")
    return (set) => {
      const monitor = labels(set, "monitorClass");
      return {
        ...plain,
        lock: monitor,
        kind: "Java monitor",
        holder: labels(set, "previousOwner"),
        tag: tagOf("monitorClass", monitor),
      };
    };
  if (series.id === "jdk.JavaMonitorWait")
    return (set) => ({
      ...plain,
      lock: labels(set, "monitorClass"),
      kind: "Java monitor (wait)",
      isIdle: true,
    });
  if (series.id === "jdk.ThreadPark")
    return (set) => {
      const parked = labels(set, "parkedClass");
      return {
        ...plain,
        lock: parked,
        kind: "park",
        // Parked for nothing in particular, or for a condition: it waits for work.
        isIdle:
          parked === "" ||
          parked === "null" ||
          /ConditionObject|SynchronousQueue|FutureTask|Phaser|CountDownLatch|ForkJoin/.test(parked),
        tag: tagOf("parkedClass", parked),
      };
    };
  if (series.kind !== "lock") return null;
  // Sums by stack: perf lock, Go's mutex and block profiles, contentionz.
  return (set, names) => {
    const type = labels(set, "type");
    const lock = labels(set, "address");
    const isGo = names.some((name) => /^(?:sync|runtime|main)\./.test(name));
    return {
      ...plain,
      lock,
      tag: lock === "" ? tagOf("type", type) : tagOf("address", lock),
      maxNs: Number.parseFloat(labels(set, "max wait")),
      kind: type !== "" ? `kernel lock (${type})` : isGo ? "Go mutex" : "lock",
      isIdle: names.slice(0, 4).some(isWorkFunction) && !names.slice(0, 4).some(isLockFunction),
    };
  };
}

/** Its stacks are those of who let go. */
const isGoMutex = (profile: Profile, series: Series): boolean => {
  if (series.kind !== "lock" || series.length === 0) return false;
  const stack = series.stack[0] ?? -1;
  for (let at = stack, depth = 0; at !== -1 && depth < 4; at = profile.stacks.prefix[at], depth++) {
    const name =
      profile.strings[profile.functions.name[profile.frames.function[profile.stacks.frame[at]]]] ?? "";
    if (/\bUnlock$|\.unlock(?:Slow|2)?$/i.test(name)) return true;
  }
  return false;
};

const tagOf = (key: string, text: string): string =>
  text === "" ? "" : `${key}=^${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll(",", ".")}$`;

/** The text of a label of a set; "" where there is none. */
function labelReader({ labels, strings }: Profile): Labels {
  const first = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) {
    const set = labels.set[row];
    if (!first.has(set)) first.set(set, row);
  }
  return (set, key) => {
    const from = first.get(set);
    if (from === undefined) return "";
    for (let row = from; row < labels.length && labels.set[row] === set; row++) {
      if (strings[labels.key[row]] !== key) continue;
      return labels.text[row] === -1 ? String(labels.number[row]) : (strings[labels.text[row]] ?? "");
    }
    return "";
  };
}
