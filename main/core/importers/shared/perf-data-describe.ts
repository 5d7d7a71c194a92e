import type { ProfileBuilder } from "../../model/builder.ts";
import { has, type PerfEvent } from "./perf-data-attr.ts";
import { isDwarf, type PerfDataSurvey } from "./perf-data-survey.ts";

/** What perf.data says of the recording as a whole, in words where something is missing. After the last record. */
export function describePerfData(
  out: ProfileBuilder,
  survey: PerfDataSurvey,
  unwound: { readonly count: number; readonly missing: readonly string[] },
): void {
  const { host, kernel, toolVersion, command, hasTrace, isDirectory } = survey.features;
  out.meta({ host, kernel, toolVersion, command, stackMethod: stackMethodOf(survey.events) });
  if (survey.lostSamples > 0) out.meta({ lostSamples: survey.lostSamples });
  if (survey.throttles > 0)
    out.note(
      `The kernel held sampling back ${survey.throttles} times because it took too much of the CPU; record less often.`,
    );
  if (hasTrace || survey.hasTrace)
    out.note(
      "The hardware trace in the file (Intel PT, Arm SPE or the like) was not decoded: " +
        "`perf script --itrace=i10us` makes samples of it that can be opened.",
    );
  if (isDirectory)
    out.note(
      "The recording is a folder of several files; `perf script -i FOLDER` prints all of it, this file is one.",
    );
  if (unwound.count > 0) {
    const { missing } = unwound;
    const some = missing.slice(0, MAX_NAMED_FILES).join(", ");
    if (missing.length > 0)
      out.note(
        `Stacks end early in code of files that are not on this machine: ${some}${missing.length > MAX_NAMED_FILES ? " and others" : ""}.`,
      );
  } else if (isDwarf(survey.events))
    out.note(
      "The stacks were copied to be unwound with debug information (--call-graph dwarf), which needs the files that were " +
        "recorded; callers of code without frame pointers are missing here.",
    );
}

const MAX_NAMED_FILES = 4;

export function stackMethodOf(events: readonly PerfEvent[]): string {
  if (isDwarf(events)) return "dwarf";
  return events.some(({ sampleType }) => sampleType & has.callchain) ? "fp" : "";
}
