import { setTimeout as delay } from "node:timers/promises";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { TargetList } from "#core/contract.ts";
import type { Recommendation, TargetInfo } from "#core/model/recording.ts";
import { recommend } from "#core/profilers/index.ts";
import { createProcessTable, type ProcessTable } from "./process-table.ts";

export interface Targets extends Disposable {
  /** Every process now. CPU % of the last second where someone watches, else of a fifth of a second. */
  list(): Promise<TargetList>;
  /** The list at once and then at every interval; nothing is read while nobody watches. */
  watch(handler: (list: TargetList) => void): Disposable;
  get(pid: number): Promise<TargetInfo | null>;
}

interface TargetsOptions {
  readonly intervalMs?: number;
  readonly table?: ProcessTable;
  readonly recommend?: (target: TargetInfo) => readonly Recommendation[];
}

const firstSpanMs = 200;

export function createTargets(options: TargetsOptions = {}): Targets {
  const intervalMs = options.intervalMs ?? 1000;
  const table = options.table ?? createProcessTable();
  const recommendFor = options.recommend ?? ((target) => recommend(target));
  const handlers = new Set<(list: TargetList) => void>();
  let latest: TargetList | null = null;
  let latestAtMs = 0;
  let timer: NodeJS.Timeout | null = null;

  const refresh = (): TargetList => {
    const { targets, hidden } = table.refresh();
    latest = { targets: targets.map((target) => ({ ...target, profilers: recommendFor(target) })), hidden };
    latestAtMs = performance.now();
    return latest;
  };

  const tick = (): void => {
    const list = refresh();
    for (const handler of handlers) handler(list);
  };

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };

  return {
    async list() {
      if (latest !== null && performance.now() - latestAtMs <= intervalMs * 1.5) return latest;
      refresh();
      await delay(firstSpanMs);
      return refresh();
    },
    watch(handler) {
      handlers.add(handler);
      if (timer === null) {
        refresh();
        timer = setInterval(tick, intervalMs);
        // The first figures of CPU come soon, not after a whole interval.
        setTimeout(() => {
          if (handlers.size > 0) tick();
        }, firstSpanMs).unref();
      }
      if (latest !== null) handler(latest);
      return disposable(() => {
        handlers.delete(handler);
        if (handlers.size === 0) stop();
      });
    },
    get: async (pid) => table.get(pid),
    dispose() {
      handlers.clear();
      stop();
    },
  };
}
