import { ProblemError } from "#core/base/result.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits, type ImportContext, type ImportServices } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { DamagedSessionError, readRaw } from "#core/model/session.ts";
import type { Arrival } from "./arrival.ts";
import { type FileSource, openFileSource } from "./file-source.ts";
import { readSessionHeader } from "./library/session-header.ts";
import { liveMeta } from "./profile-meta.ts";
import { findSourceMap } from "./source-maps.ts";
import { findSymbols } from "./symbols/index.ts";
import { findUnpackers } from "./unpackers.ts";

/**
 * Reads a profile file. `out` is filled on the way where the format can be read from front to back. A session whose
 * columns are damaged is read again from the tool's own bytes in it.
 */
export async function importFile(
  {
    path,
    name,
    member,
    arrival = null,
  }: {
    readonly path: string;
    readonly name: string;
    readonly member: string;
    readonly arrival?: Arrival | null;
  },
  out: ProfileBuilder,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<Profile> {
  const source = await openFileSource(path, arrival);
  const services: ImportServices = {
    unpackers: findUnpackers(),
    symbols: findSymbols(),
    sourceMap: findSourceMap,
  };
  const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const context: ImportContext = {
    signal,
    limits: defaultLimits,
    name,
    member,
    services,
    progress,
    pause,
  };
  try {
    return await importProfile(source, context, out);
  } catch (error) {
    if (error instanceof DamagedSessionError && error.raw !== null)
      return await readAgain(source, error, context);
    throw error;
  } finally {
    await source.close();
  }
}

async function readAgain(
  source: FileSource,
  damage: DamagedSessionError,
  context: ImportContext,
): Promise<Profile> {
  const { raw, header } = damage;
  if (!raw) throw damage;
  const bytes = await readRaw(source, raw);
  const out = new ProfileBuilder();
  const recording = readSessionHeader(header)?.recording;
  if (recording) out.meta(liveMeta(recording));
  out.note(
    `${damage.problem.message} The samples were read again from what the profiler wrote; marks and memory are lost.`,
  );
  try {
    const profile = await importProfile(memorySource(bytes), { ...context, name: raw.name, member: "" }, out);
    if (!recording) return profile;
    const { format } = profile.meta;
    return { ...profile, meta: { ...profile.meta, ...liveMeta(recording), format } };
  } catch (error) {
    // The damage is the news; that the rest could not be read either follows from it.
    throw error instanceof ProblemError ? damage : error;
  }
}
