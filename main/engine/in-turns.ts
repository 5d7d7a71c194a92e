import type { Steps } from "#core/analysis/steps.ts";
import { cancelled, ProblemError } from "#core/base/result.ts";

/** How long a question may hold up the others of its thread. */
const TURN_MS = 15;

/** Takes all steps, and lets whatever else the thread has to do come in between. Left when nobody waits for it any more. */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  let turnEndsMs = performance.now() + TURN_MS;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < turnEndsMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new ProblemError(cancelled);
    turnEndsMs = performance.now() + TURN_MS;
  }
}
