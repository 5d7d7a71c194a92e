import { ProblemError } from "#core/base/result.ts";
import type { RecordingState } from "#core/model/recording.ts";
import { exitCodes, type Terminal } from "./command.ts";
import type { EngineClient } from "./engine-client.ts";

/** What was kept although the profiler failed is worth having, but not what was asked for. */
export const exitCodeOf = (state: RecordingState): number =>
  state.phase === "done" && state.ending !== "failed" ? exitCodes.done : exitCodes.failed;

/**
 * Follows a recording to its end. The first Ctrl-C stops it gracefully; the second ends this process at once, and
 * what had arrived is on disk for the next start.
 */
export function follow(
  client: EngineClient,
  recordingId: string,
  terminal: Terminal,
  onState: (state: RecordingState) => void,
): Promise<RecordingState> {
  return new Promise((resolve, reject) => {
    let interrupts = 0;
    const interrupt = terminal.onInterrupt(() => {
      interrupts++;
      if (interrupts > 1) {
        terminal.err(
          "\nflamewright: aborted; what had arrived is kept, and offered for recovery at the next start\n",
        );
        process.exit(exitCodes.failed);
      }
      client.call("recording.stop", { recordingId }).catch((error: unknown) => settle(() => reject(error)));
    });
    const settle = (finish: () => void): void => {
      interrupt.dispose();
      watching.dispose();
      finish();
    };
    const watching = client.stream(
      "recording.watch",
      { recordingId },
      {
        item: (state) => {
          onState(state);
          if (state.phase === "done" || state.phase === "failed") settle(() => resolve(state));
        },
        problem: (problem) => settle(() => reject(new ProblemError(problem))),
      },
    );
  });
}
