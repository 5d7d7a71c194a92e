import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Profile } from "#core/model/profile.ts";
import { type RecordingState, type RecordRequestInput, recordRequestSchema } from "#core/model/recording.ts";
import { createHost } from "../../main/engine/host.ts";
import type { Recording } from "../../main/engine/parts.ts";
import { type RecorderDeps, startRecording } from "../../main/engine/recorder.ts";
import { createTargets } from "../../main/engine/targets/index.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const holdScript = join(project, "native-scripts", "hold-and-exec.sh");

/** The engine's recorder with real tools and a store in memory. */
export function recorder(
  input: RecordRequestInput,
  options: {
    readonly store?: MemoryStore;
    readonly path?: string;
    readonly deps?: Partial<RecorderDeps>;
  } = {},
): {
  readonly recording: Recording;
  readonly store: MemoryStore;
  readonly states: readonly RecordingState[];
} {
  const store = options.store ?? createMemoryStore();
  const targets = createTargets();
  const sessionFolder = mkdtempSync(join(tmpdir(), "flamewright-"));
  const host = createHost({
    targets,
    sessionFolder,
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  const recording = startRecording(
    { host, targets, store, holdScript, ...options.deps },
    v.parse(recordRequestSchema, input),
  );
  const states: RecordingState[] = [];
  recording.onState((state) => states.push(state));
  return { recording, store, states };
}

/** Records to the end, or stops when so many samples are there. */
export async function record(
  input: RecordRequestInput,
  options: Parameters<typeof recorder>[1] & { readonly samples?: number } = {},
): Promise<{
  readonly state: RecordingState;
  readonly store: MemoryStore;
  readonly states: readonly RecordingState[];
}> {
  const { recording, store, states } = recorder(input, options);
  if (options.samples !== undefined) {
    await Promise.race([store.samples(options.samples), recording.finished]);
    await recording.stop();
  }
  return { state: await recording.finished, store, states };
}

/** Names of a stack, outermost first. */
export function stackNames(profile: Profile, stack: number): readonly string[] {
  const names: string[] = [];
  for (let at = stack; at >= 0; at = profile.stacks.prefix[at] ?? -1) {
    const frame = profile.stacks.frame[at] ?? -1;
    const name = profile.functions.name[profile.frames.function[frame] ?? -1] ?? -1;
    names.push(profile.strings[name] ?? "");
  }
  return names.reverse();
}

export interface SampleView {
  readonly tid: number;
  readonly threadName: string;
  readonly timeNs: number;
  readonly weight: number;
  readonly names: readonly string[];
}

/** Every sample of the first series, as objects: for small test recordings only. */
export function samplesOf(profile: Profile): readonly SampleView[] {
  const series = profile.series[0];
  if (series === undefined) return [];
  return Array.from({ length: series.length }, (_, index) => {
    const thread = series.thread[index] ?? -1;
    return {
      tid: profile.threads.tid[thread] ?? -1,
      threadName: profile.strings[profile.threads.name[thread] ?? -1] ?? "",
      timeNs: series.time?.[index] ?? Number.NaN,
      weight: series.values[0]?.data?.[index] ?? 1,
      names: stackNames(profile, series.stack[index] ?? -1),
    };
  });
}

/** Percent of the weight of all samples that match whose innermost function has the name. */
export function selfShare(samples: readonly SampleView[], name: string): number {
  const total = samples.reduce((sum, sample) => sum + sample.weight, 0);
  const own = samples.filter((sample) => sample.names.at(-1) === name);
  return (100 * own.reduce((sum, sample) => sum + sample.weight, 0)) / total;
}
