import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Profile } from "#core/model/profile.ts";
import type { LogLine } from "#core/model/recording.ts";
import {
  DamagedSessionError,
  isSession,
  type RawArtefact,
  readRaw,
  readSessionAbout,
  writeSession,
} from "#core/model/session.ts";
import { type FileSource, openFileSource } from "./file-source.ts";
import { writeAtomically } from "./library/atomic-file.ts";
import { readLog } from "./library/draft-reader.ts";
import { readSessionHeader, type SessionHeader, sessionHeader } from "./library/session-header.ts";
import type { SaveRequest } from "./profile-contract.ts";

interface Origin {
  readonly raw: RawArtefact | null;
  /** The tool's bytes are too many to be kept in the session. */
  readonly rawLeftOut?: boolean;
  readonly log: readonly LogLine[];
  readonly recording: SessionHeader["recording"];
}

/** Raw bytes are kept compressed, in memory on the way; so much of them at most. Beyond that the columns alone are kept. */
const MAX_RAW_BYTES = 1 << 30;
const RAW_LEFT_OUT =
  "What the profiler wrote is larger than 1 GiB compressed and is not kept in the session; every sample of it is.";
/** perf's text shrinks to a tenth at this level, at several hundred megabytes a second. */
const GZIP_LEVEL = 1;

/**
 * Writes a session: the columns, and with them what the tool itself wrote and said. Gives the size in bytes.
 * `growing`: columns may change while they are written, so that they are copied first.
 */
export async function saveSession(profile: Profile, request: SaveRequest, growing: boolean): Promise<number> {
  // Before anything is waited for: all parts are of the same moment.
  const now = growing ? structuredClone(profile) : profile;
  const { raw, rawLeftOut, log, recording } = await originOf(request);
  const columns = rawLeftOut
    ? { ...now, meta: { ...now.meta, notes: [...now.meta.notes, RAW_LEFT_OUT] } }
    : now;
  const chunks = writeSession({ profile: columns, header: sessionHeader(columns, recording), log, raw });
  return writeAtomically(request.path, chunks);
}

/** The log that a session file keeps; empty for any other file, and where it cannot be read. */
export async function savedLog(path: string): Promise<readonly LogLine[]> {
  if (path === "") return [];
  const source = await openFileSource(path);
  try {
    return isSession(await source.read(0, 64)) ? (await readSessionAbout(source)).log : [];
  } catch (error) {
    if (error instanceof DamagedSessionError) return [];
    throw error;
  } finally {
    await source.close();
  }
}

async function originOf({ draft, from, recording }: SaveRequest): Promise<Origin> {
  if (draft !== null) {
    const log: LogLine[] = [];
    for await (const line of readLog(draft.folder)) log.push(line);
    return { ...(await compressed(draft.rawPath)), log, recording };
  }
  if (from === "") return { raw: null, log: [], recording };
  const source = await openFileSource(from);
  try {
    return isSession(await source.read(0, 64))
      ? await originOfSession(source)
      : { ...(await compressed(from)), log: [], recording };
  } finally {
    await source.close();
  }
}

async function originOfSession(source: FileSource): Promise<Origin> {
  try {
    const about = await readSessionAbout(source);
    const recording = readSessionHeader(about.header)?.recording ?? null;
    const { raw } = about;
    return {
      raw: raw && { name: raw.name, encoding: raw.encoding, bytes: await readRaw(source, raw) },
      log: about.log,
      recording,
    };
  } catch (error) {
    // The columns are in memory and whole: they are what is worth saving.
    if (error instanceof DamagedSessionError) return { raw: null, log: [], recording: null };
    throw error;
  }
}

async function compressed(path: string): Promise<Pick<Origin, "raw" | "rawLeftOut">> {
  const source = await openFileSource(path).catch(() => null);
  if (!source) return { raw: null };
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    const abort = new AbortController();
    await pipeline(
      Readable.from(source.chunks(abort.signal)),
      createGzip({ level: GZIP_LEVEL }),
      async (zipped: AsyncIterable<Uint8Array>) => {
        for await (const chunk of zipped) {
          sizeBytes += chunk.length;
          if (sizeBytes > MAX_RAW_BYTES) return;
          chunks.push(chunk);
        }
      },
    );
    if (sizeBytes > MAX_RAW_BYTES) return { raw: null, rawLeftOut: true };
    return { raw: { name: basename(path), encoding: "gzip", bytes: Buffer.concat(chunks) } };
  } finally {
    await source.close();
  }
}
