import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { splitWords } from "#core/base/shell-words.ts";
import type { RecordRequestInput } from "#core/model/recording.ts";
import { numberFlag, type Parsed, type Terminal, textFlag, UsageError } from "./command.ts";
import { recordOne, runFile } from "./commands/record.ts";
import type { EngineClient } from "./engine-client.ts";
import { exitCodeOf } from "./follow-recording.ts";

/** Runs of two commands, recorded in turn for a comparison: what drifts on the machine hits both sides. */

const DEFAULT_RUNS = 5;
const MOST_RUNS = 100;

export interface RunsOrder {
  readonly runs: number;
  /** "" for a folder that goes when the comparison is done. */
  readonly keep: string;
  readonly targets: Readonly<Record<"before" | "after", RecordRequestInput["target"]>>;
  readonly profiler: string;
}

/** What `diff --before-command A --after-command B` asks to be recorded first; null where it compares files. */
export function runsOrder(parsed: Parsed): RunsOrder | null {
  const lines = { before: textFlag(parsed, "before-command"), after: textFlag(parsed, "after-command") };
  if (lines.before === "" && lines.after === "") {
    if (parsed.values.runs !== undefined)
      throw new UsageError("--runs needs --before-command and --after-command");
    return null;
  }
  if (lines.before === "" || lines.after === "")
    throw new UsageError("--before-command and --after-command go together; record one with `record --runs`");
  if (parsed.positionals.length > 0) throw new UsageError("diff compares files or commands, not both");
  const runs = numberFlag(parsed, "runs", 1) ?? DEFAULT_RUNS;
  if (!Number.isInteger(runs) || runs > MOST_RUNS)
    throw new UsageError(`--runs takes a whole number from 1 to ${MOST_RUNS}`);
  const target = (line: string): RecordRequestInput["target"] => {
    const words = splitWords(line);
    if (!words.ok) throw new UsageError(words.problem.message);
    return { kind: "launch", argv: [...words.value], cwd: process.cwd() };
  };
  return {
    runs,
    keep: textFlag(parsed, "keep"),
    targets: { before: target(lines.before), after: target(lines.after) },
    profiler: textFlag(parsed, "profiler"),
  };
}

/** Records A B A B …; the folders of both sides, and what takes them away where nobody keeps them. */
export async function recordRuns(
  client: EngineClient,
  { runs, keep, targets, profiler }: RunsOrder,
  terminal: Terminal,
): Promise<{ readonly before: string; readonly after: string; readonly end: () => Promise<void> }> {
  const folder = keep === "" ? await mkdtemp(join(tmpdir(), "flamewright-runs-")) : resolve(keep);
  const end = async (): Promise<void> => {
    if (keep === "") await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let run = 1; run <= runs; run++)
      for (const side of ["before", "after"] as const) {
        terminal.err(`run ${run} of ${runs}, ${side}\n`);
        const output = runFile(join(folder, side), run);
        await mkdir(dirname(output), { recursive: true });
        const state = await recordOne(client, { target: targets[side], profiler, output }, terminal, false);
        if (exitCodeOf(state) !== 0)
          throw new ProblemError(
            state.problem ??
              problemOf("run-failed", `Run ${run} of the side ${side} failed.`, "See what it said above."),
          );
      }
  } catch (error) {
    await end();
    throw error;
  }
  return { before: join(folder, "before"), after: join(folder, "after"), end };
}
