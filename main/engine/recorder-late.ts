import type { Disposable } from "#core/base/disposable.ts";
import type { RecordingPlan } from "#core/profilers/profiler.ts";

/** A tool that tells late (`tellsLate`) has told all when nothing came for so long; it is not waited for longer than that. */
const quietMs = 300;
const longestLateMs = 2000;

export interface LateTelling extends Disposable {
  /** Something came of the source. */
  came(): void;
  /** At once, or for a tool that tells late once it has told what it counted. Not after `dispose`. */
  whenTold(plan: RecordingPlan, then: () => void): void;
}

export function createLateTelling(): LateTelling {
  let cameAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    came: () => {
      cameAtMs = performance.now();
    },
    whenTold: ({ source }, then) => {
      if (source.type !== "pipeline" || source.tellsLate !== true) {
        then();
        return;
      }
      const sinceMs = performance.now();
      const look = (): void => {
        const quietAtMs = Math.max(cameAtMs, sinceMs) + quietMs;
        const restMs = Math.min(quietAtMs, sinceMs + longestLateMs) - performance.now();
        if (restMs <= 0) then();
        else timer = setTimeout(look, restMs);
      };
      clearTimeout(timer);
      look();
    },
    dispose: () => clearTimeout(timer),
  };
}
