import { throwProblem } from "#core/base/result.ts";
import type { ChunksSource } from "#core/profilers/profiler.ts";
import type { SourceEvents, SourceRun } from "./source-run.ts";

/** Runs programs and requests one after the other and frames what they give. */
export function runChunks(source: ChunksSource, pid: number, _events: SourceEvents): SourceRun {
  return throwProblem(
    "not-available",
    `Recording process ${pid} in ${source.type} is not possible yet.`,
    "Use another profiler.",
  );
}
