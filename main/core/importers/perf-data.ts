import type { ByteSource } from "../bytes/source.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, SeekImporter } from "./importer.ts";
import { describePerfData } from "./shared/perf-data-describe.ts";
import { PerfDataFrames } from "./shared/perf-data-frames.ts";
import { isPerfData, isPerfPipe, readPerfDataHeader } from "./shared/perf-data-header.ts";
import { OrderedRecords } from "./shared/perf-data-order.ts";
import { walkRecords } from "./shared/perf-data-records.ts";
import { PerfDataSamples } from "./shared/perf-data-samples.ts";
import { PerfDataSurvey, startOf } from "./shared/perf-data-survey.ts";

/**
 * perf.data, as `perf record` writes it to a file. Read twice: first what is mapped where and who is called
 * what, then the samples. https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/perf.data-file-format.txt
 */
export const perfData: SeekImporter = {
  id: "perf-data",
  title: "perf.data",
  extensions: ["data", "perf"],
  order: 22,
  kind: "seek",
  sniff: (head) => isPerfData(head) && !isPerfPipe(head),
  parse: (source, out, context) => readPerfData(source, out, context),
};

async function readPerfData(source: ByteSource, out: ProfileBuilder, context: ImportContext): Promise<void> {
  const header = await readPerfDataHeader(source);
  const { events, features, tracing } = header;
  const range = { ...header, maxBytes: context.limits.maxBytes };
  const { signal } = context;
  const survey = new PerfDataSurvey(events, features, tracing);
  out.meta({ format: perfData.id, tool: "perf" });
  for (const note of header.notes) out.note(note);
  const why = await walkRecords(source, range, survey, signal, (share) => context.progress(share / 3));
  if (why !== null) out.note(`The file is damaged, and was read up to there: ${why}.`);
  survey.nameEvents();
  survey.spaces.finish(out);
  if (survey.earliest) startOf(out, survey, survey.earliest.high, survey.earliest.low);
  const recorded = [...features.buildIds].filter(([path]) => path.startsWith("/"));
  await context.services?.symbols?.prepare?.(
    recorded.map(([path, buildId]) => ({ path, buildId, pid: -1 })),
    signal,
  );
  const kernelSpace = survey.spaces.at(-1, Number.MAX_VALUE);
  const frames = new PerfDataFrames(out, {
    services: context.services,
    kernel: () => survey.kernelPlace,
    kernelSpace: () => kernelSpace,
    kernelSymbols: survey.kernelSymbols,
    buildIds: features.buildIds,
  });
  const samples = new PerfDataSamples(out, survey, frames, tracing, context);
  const ordered = new OrderedRecords(samples, (reader, type, at, end) =>
    survey.timeOfAny(reader, type, at, end),
  );
  // Samples alone are sorted when all are there, which costs less.
  const visitor = survey.hasSpans ? ordered : samples;
  await walkRecords(source, range, visitor, signal, (share) => context.progress((1 + 2 * share) / 3));
  ordered.flush();
  samples.finish();
  describePerfData(out, survey, samples.unwound);
}
