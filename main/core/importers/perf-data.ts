import type { ByteSource } from "../bytes/source.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, SeekImporter } from "./importer.ts";
import { has, type PerfEvent } from "./shared/perf-data-attr.ts";
import { PerfDataFrames } from "./shared/perf-data-frames.ts";
import { isPerfData, type PerfDataHeader, readPerfDataHeader } from "./shared/perf-data-header.ts";
import { walkRecords } from "./shared/perf-data-records.ts";
import { PerfDataSamples } from "./shared/perf-data-samples.ts";
import { isDwarf, PerfDataSurvey } from "./shared/perf-data-survey.ts";
import { PerfScriptParser } from "./shared/perf-script-parser.ts";

/**
 * perf.data, as `perf record` writes it to a file or a pipe. Read twice: first what is mapped where and who is called
 * what, then the samples. https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/perf.data-file-format.txt
 */
export const perfData: SeekImporter = {
  id: "perf-data",
  title: "perf.data",
  extensions: ["data", "perf"],
  order: 22,
  kind: "seek",
  sniff: (head) => isPerfData(head),
  parse: (source, out, context) => readPerfData(source, out, context),
};

async function readPerfData(source: ByteSource, out: ProfileBuilder, context: ImportContext): Promise<void> {
  const header = await readPerfDataHeader(source);
  const { events, features, tracing } = header;
  const range = { ...header, maxBytes: context.limits.maxBytes };
  const { signal } = context;
  if (isDwarf(events) && (await readScript(header, out, context))) return;
  const survey = new PerfDataSurvey(events, features, tracing);
  out.meta({ format: perfData.id, tool: "perf" });
  for (const note of header.notes) out.note(note);
  const why = await walkRecords(source, range, survey, signal, (share) => context.progress(share / 3));
  if (why !== null) out.note(`The file is damaged, and was read up to there: ${why}.`);
  survey.finish();
  survey.spaces.finish(out);
  describe(out, header, survey);
  const buildId = survey.kernelBuildId || (features.buildIds.get("[kernel.kallsyms]") ?? "");
  const frames = new PerfDataFrames(out, {
    services: context.services,
    kernel: {
      buildId,
      release: features.kernel,
      textHigh: survey.kernelTextHigh,
      textLow: survey.kernelTextLow,
    },
    kernelSpace: survey.spaces.at(-1, Number.MAX_VALUE),
    kernelSymbols: survey.kernelSymbols,
    buildIds: features.buildIds,
  });
  const samples = new PerfDataSamples(out, survey, frames, tracing, context.limits);
  await walkRecords(source, range, samples, signal, (share) => context.progress((1 + 2 * share) / 3));
  samples.finish();
}

/** Stacks that are yet to be unwound, as perf does it; false where it is not there to do it. */
async function readScript(
  header: PerfDataHeader,
  out: ProfileBuilder,
  context: ImportContext,
): Promise<boolean> {
  const text = (await context.services?.perfScript?.()) ?? null;
  if (text === null) return false;
  const parser = new PerfScriptParser(out, context);
  for await (const chunk of text.chunks(context.signal)) parser.push(chunk);
  parser.end();
  if (out.sampleCount === 0) return false;
  const { host, kernel, toolVersion, command } = header.features;
  out.meta({ format: perfData.id, tool: "perf", host, kernel, toolVersion, command, stackMethod: "dwarf" });
  for (const note of header.notes) out.note(note);
  out.note("The stacks were unwound by `perf script` of this machine.");
  return true;
}

function describe(out: ProfileBuilder, header: PerfDataHeader, survey: PerfDataSurvey): void {
  const { host, kernel, toolVersion, command, wallMs, clockNs, hasTrace, isDirectory } = header.features;
  const { earliest } = survey;
  out.meta({ host, kernel, toolVersion, command, stackMethod: stackMethodOf(survey.events) });
  if (survey.lostSamples > 0) out.meta({ lostSamples: survey.lostSamples });
  if (earliest) {
    const startNs = BigInt(earliest.high) * 2n ** 32n + BigInt(earliest.low);
    out.meta({ originSeconds: Number(startNs / 10n ** 9n), originNanos: Number(startNs % 10n ** 9n) });
    if (wallMs > 0) out.meta({ startedAtMs: Math.floor(wallMs + (Number(startNs) - clockNs) / 1e6) });
  }
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
  if (isDwarf(survey.events))
    out.note(
      "The stacks were copied to be unwound with debug information (--call-graph dwarf), which needs `perf` on the " +
        "machine of the recording; callers of code without frame pointers are missing here.",
    );
}

function stackMethodOf(events: readonly PerfEvent[]): string {
  if (isDwarf(events)) return "dwarf";
  return events.some(({ sampleType }) => sampleType & has.callchain) ? "fp" : "";
}
