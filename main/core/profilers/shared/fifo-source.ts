import type { Problem } from "../../base/result.ts";
import { type Stage, type Step, scratchFolder } from "../profiler.ts";

/**
 * A library within the target writes into a FIFO (heaptrack). Whoever writes to a pipe that nobody reads any more is ended
 * by the system: so the FIFO is read, by a process of its own, until the target is gone, also when the recording has long
 * ended or the workbench was killed.
 */
export interface FifoSource {
  readonly type: "fifo";
  /** Makes a running process write; null where a launched one does by its environment. */
  readonly inject: Extract<Step, { kind: "run" }> | null;
  /** Programs that what comes goes through. */
  readonly through: readonly Stage[];
  /** What it means when the program has ended and never wrote. */
  readonly silent: Problem;
  /** What it means when nothing was written after the injection. */
  readonly refused: Problem;
}

export const fifoPath = `${scratchFolder}/target.fifo`;
