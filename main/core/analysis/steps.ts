/**
 * Long work in steps: at each `yield` whoever runs it may do something else, or leave it. What it reads may grow
 * meanwhile, and must not change otherwise.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All steps, one after the other. */
export function allSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
