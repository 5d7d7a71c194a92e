import { type Problem, problemOf } from "#core/base/result.ts";
import type { RecordingState } from "#core/model/recording.ts";
import type { ProfileKind } from "#core/profilers/profiler.ts";

/** The ways in which a recording itself can fail. */

/** The tool's last words beside what we make of them. */
export const withWords = (problem: Problem, words: readonly string[]): Problem =>
  words.length === 0 ? problem : { ...problem, detail: words.join("\n") };

export const stoppedEarly = problemOf(
  "stopped-early",
  "The recording was stopped before it began.",
  "Start it again when you need it.",
);

export const endedByItself = problemOf(
  "tool-failed",
  "The profiler ended by itself while the target still runs.",
  "Its own words are in the log. What had arrived is kept.",
);

export function noSamples(
  ending: RecordingState["ending"],
  exitCode: number | null,
  kinds: readonly ProfileKind[],
): Problem {
  if (ending === "target-exited") {
    return problemOf(
      "target-exited-early",
      exitCode === null
        ? "The target ended before a sample could be taken."
        : `The program ended with exit code ${exitCode} before a sample could be taken.`,
      "Give it more to do, or raise the rate; its own words are in the log.",
    );
  }
  if (!kinds.includes("cpu"))
    return problemOf(
      "no-samples",
      "Nothing of what was asked for came in this time.",
      "Record it while it happens, or for longer; the notes say what was left out.",
    );
  return problemOf(
    "no-samples",
    "Not one sample was taken: the target did not use the CPU.",
    "Record it while it works, or for longer.",
  );
}
