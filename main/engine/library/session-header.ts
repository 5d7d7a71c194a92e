import * as v from "valibot";
import type { Profile } from "#core/model/profile.ts";
import type { RecordingHeader } from "../parts.ts";
import { recordingHeaderSchema } from "./draft-format.ts";

/** What a session file says about itself, for lists: readable without its columns. */
export interface SessionHeader {
  readonly target: string;
  readonly profiler: string;
  readonly startedAtMs: number;
  readonly durationNs: number;
  readonly samples: number;
  /** What the recorder knew; null for a profile that came from another tool's file. */
  readonly recording: RecordingHeader | null;
}

const schema = v.object({
  target: v.string(),
  profiler: v.string(),
  startedAtMs: v.number(),
  durationNs: v.number(),
  samples: v.number(),
  recording: v.fallback(v.nullable(recordingHeaderSchema), null),
});

/** null: not one of ours, or damaged. */
export function readSessionHeader(header: unknown): SessionHeader | null {
  const parsed = v.safeParse(schema, header);
  return parsed.success ? parsed.output : null;
}

export const sampleCount = (profile: Profile): number =>
  profile.series.reduce((sum, series) => sum + series.length, 0);

export const sessionHeader = (profile: Profile, recording: RecordingHeader | null): SessionHeader => ({
  target: profile.meta.target,
  profiler: recording?.profiler ?? profile.meta.tool,
  startedAtMs: profile.meta.startedAtMs,
  durationNs: profile.meta.durationNs,
  samples: sampleCount(profile),
  recording,
});
