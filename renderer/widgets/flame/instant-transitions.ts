import flamegraph from "d3-flame-graph";
import { selection } from "d3-selection";

/**
 * d3-flame-graph asks a transition for every attribute it sets, also when they are to take no time: three timers a
 * frame and an update, started by requestAnimationFrame. In a window that is hidden they never start and pile up, and
 * in one that is visible they cost more than the drawing. Here a transition is the selection itself, at once.
 * d3-flame-graph is the only user of d3 in the workbench.
 */
function itself<T>(this: T): T {
  return this;
}

/** Importing the graph first lets d3-transition put its own methods on the prototype before they are replaced. */
export function instantFlameGraph<Datum>(): ReturnType<typeof flamegraph<Datum>> {
  Object.assign(selection.prototype, { transition: itself, duration: itself, ease: itself, delay: itself });
  return flamegraph<Datum>();
}
