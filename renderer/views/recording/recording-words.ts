import type { RecordingState } from "#core/model/recording.ts";

/** Minutes and seconds with tenths, as a stop watch: 00:12.4, 1:02:03.4. */
export function stopWatch(elapsedNs: number): string {
  const tenths = Math.floor(elapsedNs / 1e8);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(tenths / 36_000);
  const rest = `${two(Math.floor(tenths / 600) % 60)}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** How it stands, in a few words. */
export function phaseWords(state: RecordingState): string {
  switch (state.phase) {
    case "checking":
      return "Checking the machine";
    case "authorising":
      return "Waiting for permission";
    case "starting":
      return `Starting ${state.profilerTitle || state.profiler}`;
    case "recording":
      return "Recording";
    case "stopping":
      return "Stopping";
    case "importing":
      return "Reading the rest";
    case "done":
    case "failed":
      return endingWords(state);
  }
}

/** Why it ended. */
function endingWords({ ending, exitCode, phase }: RecordingState): string {
  switch (ending) {
    case "stopped":
      return "Stopped";
    case "duration":
      return "Time is up";
    case "target-exited":
      return exitCode === null ? "Target exited" : `Target exited with code ${exitCode}`;
    case "failed":
      return "Failed";
    case "":
      return phase === "failed" ? "Failed" : "Done";
  }
}
