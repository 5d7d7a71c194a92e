import { join } from "node:path";
import * as v from "valibot";
import { recordRequestSchema } from "#core/model/recording.ts";
import type { RecordingHeader } from "../parts.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/**
 * A draft is a folder `<session id>.recording`:
 *
 *   header.json      who records what, and who writes this (JSON, below)
 *   raw.<extension>  the tool's bytes, as they came
 *   counters.ndjson  {"id","name","unit","timeNs","value"} a line
 *   marks.ndjson     {"timeNs","name"} a line, of other happenings with "category", "args", "endNs"
 *   log.ndjson       {"timeNs","source","text"} a line
 *
 * Only raw is needed to recover; everything else adds to it.
 */
export const draftHeaderVersion = 1;
export const draftSuffix = ".recording";
export const sessionSuffix = ".fwp";

export const draftNames = {
  header: "header.json",
  rawPrefix: "raw.",
  raw: (extension: string): string => `raw.${extension.replace(/[^A-Za-z0-9.]/g, "") || "bin"}`,
  counters: "counters.ndjson",
  marks: "marks.ndjson",
  log: "log.ndjson",
  /** Holds the ProcessIdentity of who recovers it. */
  recovering: "recovering.json",
} as const;

export interface DraftHeader {
  readonly version: number;
  /** null once its writer has given it up. */
  readonly owner: ProcessIdentity | null;
  readonly header: RecordingHeader;
}

export const draftFolder = (sessions: string, sessionId: string): string =>
  join(sessions, `${sessionId}${draftSuffix}`);
export const sessionPath = (sessions: string, sessionId: string): string =>
  join(sessions, `${sessionId}${sessionSuffix}`);

/** A session's id is a file name without its ending; whatever could lead out of the folder is not one. */
export const isSessionId = (id: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be in a name.
  id.length > 0 && id.length <= 200 && !/[/\\\u0000-\u001f\u007f]/.test(id) && !id.startsWith(".");

export const identityFileSchema = v.object({
  pid: v.number(),
  startTicks: v.string(),
  bootId: v.string(),
});

const texts = v.custom<readonly string[]>(
  (value) => Array.isArray(value) && value.every((text) => typeof text === "string"),
);

export const recordingHeaderSchema = v.object({
  sessionId: v.string(),
  request: recordRequestSchema,
  target: v.string(),
  pid: v.number(),
  profiler: v.string(),
  plan: v.object({
    importer: v.string(),
    rawExtension: v.string(),
    stackMethod: v.string(),
    periodNs: v.number(),
    commands: texts,
    remarks: texts,
  }),
  tool: v.string(),
  toolVersion: v.string(),
  host: v.string(),
  kernel: v.string(),
  startedAtMs: v.number(),
  originSeconds: v.number(),
  originNanos: v.number(),
  workbenchPid: v.number(),
});

export const draftHeaderSchema = v.object({
  version: v.literal(draftHeaderVersion),
  owner: v.nullable(identityFileSchema),
  header: recordingHeaderSchema,
});

export const counterRowSchema = v.object({
  id: v.string(),
  name: v.string(),
  unit: v.string(),
  timeNs: v.number(),
  value: v.number(),
});

export const markRowSchema = v.object({
  timeNs: v.number(),
  name: v.string(),
  /** Of what is no mark of a person's: files and sockets that the target has open. */
  category: v.optional(v.string()),
  args: v.optional(v.string()),
  endNs: v.optional(v.number()),
});

export const logRowSchema = v.object({
  timeNs: v.number(),
  source: v.picklist(["command", "stderr", "output", "workbench"]),
  text: v.string(),
});
