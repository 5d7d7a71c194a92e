import type { RecordingState } from "#core/model/recording.ts";

/** How a recording came to its end, as a sentence; "" while it runs. */
export function endingOf({ ending, exitCode }: RecordingState): string {
  switch (ending) {
    case "stopped":
      return "Stopped by hand.";
    case "duration":
      return "Stopped when its time was up.";
    case "target-exited":
      return exitCode === null ? "The target exited." : `The target exited with code ${exitCode}.`;
    case "failed":
      return "The profiler failed; what had arrived was kept.";
    case "":
      return "";
  }
}
