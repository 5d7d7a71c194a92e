import * as v from "valibot";
import { ProblemError, problemOf } from "../base/result.ts";
import { crc32 } from "../bytes/crc32.ts";
import type { ByteSource } from "../bytes/source.ts";
import { decode, encode } from "../rpc/codec.ts";
import type { Profile } from "./profile.ts";
import { profileFault } from "./profile-check.ts";
import type { LogLine } from "./recording.ts";
import { upgradeFrom } from "./session-upgrades.ts";

/**
 * A saved session, `.fwp`: the columns of a profile as they lie in memory, what is known about the recording, and
 * the tool's own bytes. Little-endian; sections start at multiples of 8.
 *
 *     0    "FWPROFIL"
 *     8    uint32 version, uint32 number of sections
 *     16   an entry for each: char[8] name, uint64 offset, uint64 size in bytes, uint32 CRC-32 of the section,
 *          uint32 CRC-32 of the 28 bytes before
 *          sections: "about" and "columns" (codec of rpc/codec.ts), "raw" (opaque)
 *
 * Only the sections that are asked for are read, and each is checked against its sum first: a flipped bit is found
 * before anything is computed from it.
 */
const MAGIC = "FWPROFIL";
const VERSION = 2;
const HEAD_BYTES = 16;
const ENTRY_BYTES = 32;
const MAX_SECTIONS = 64;
/** A raw artefact may be larger than memory: it is checked in pieces. */
const PIECE_BYTES = 4 << 20;

export interface RawArtefact {
  /** Name of the tool's file: "raw.txt". */
  readonly name: string;
  readonly encoding: "identity" | "gzip";
  readonly bytes: Uint8Array;
}

export interface RawPlace {
  readonly name: string;
  readonly encoding: "identity" | "gzip";
  readonly offset: number;
  readonly sizeBytes: number;
  readonly crc32: number;
}

export interface SessionContents<H> {
  readonly profile: Profile;
  /** Plain data about the recording. */
  readonly header: H;
  readonly log: readonly LogLine[];
  readonly raw: RawArtefact | null;
}

export interface SavedSession {
  readonly profile: Profile;
  /** As it was written; validate it before use. */
  readonly header: unknown;
  readonly log: readonly LogLine[];
  readonly raw: RawPlace | null;
  /** The session can be worked with, but something beside its columns is damaged: what, in words. */
  readonly damage: string | null;
}

/** The columns cannot be used; what can be is in `header` and `raw`, so that the tool's bytes can be read again. */
export class DamagedSessionError extends ProblemError {
  readonly header: unknown;
  readonly raw: RawPlace | null;
  constructor(what: string, header: unknown, raw: RawPlace | null) {
    super(
      problemOf(
        "damaged-session",
        `The session file is damaged: ${what}.`,
        raw
          ? "What the profiler wrote is still in it and can be read again."
          : "Use another copy of the file; nothing of this one can be read.",
      ),
    );
    this.header = header;
    this.raw = raw;
  }
}

/** The file in chunks; columns are views on the profile, not copies. */
export function writeSession<H>(contents: SessionContents<H>): Uint8Array[] {
  const { profile, header, log, raw } = contents;
  const about = { header, log, raw: raw && { name: raw.name, encoding: raw.encoding } };
  const sections: [string, Uint8Array[]][] = [
    ["about", encode(about)],
    ["columns", encode(profile)],
    ...(raw ? [["raw", [raw.bytes]] as [string, Uint8Array[]]] : []),
  ];
  const head = new Uint8Array(HEAD_BYTES + sections.length * ENTRY_BYTES);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, sections.length, true);
  const chunks: Uint8Array[] = [head];
  let offset = head.length;
  sections.forEach(([name, parts], i) => {
    const entry = HEAD_BYTES + i * ENTRY_BYTES;
    const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
    head.set(new TextEncoder().encode(name), entry);
    view.setBigUint64(entry + 8, BigInt(offset), true);
    view.setBigUint64(entry + 16, BigInt(sizeBytes), true);
    view.setUint32(
      entry + 24,
      parts.reduce((sum, part) => crc32(part, sum), 0),
      true,
    );
    view.setUint32(entry + 28, crc32(head.subarray(entry, entry + 28)), true);
    chunks.push(...parts);
    offset += sizeBytes;
    if (offset % 8 !== 0) {
      chunks.push(new Uint8Array(8 - (offset % 8)));
      offset += 8 - (offset % 8);
    }
  });
  return chunks;
}

/** Is this the start of a session file? */
export const isSession = (head: Uint8Array): boolean =>
  head.length >= MAGIC.length && MAGIC === String.fromCharCode(...head.subarray(0, MAGIC.length));

interface Section {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly crc32: number;
}

const aboutSchema = v.object({
  header: v.unknown(),
  log: v.array(
    v.object({
      timeNs: v.number(),
      source: v.picklist(["command", "stderr", "output", "workbench"]),
      text: v.string(),
    }),
  ),
  raw: v.nullable(v.object({ name: v.string(), encoding: v.picklist(["identity", "gzip"]) })),
});
type About = v.InferOutput<typeof aboutSchema>;

/** What was recorded and how, without the columns: cheap, for lists. Throws DamagedSessionError. */
export async function readSessionAbout(
  source: ByteSource,
): Promise<Omit<SavedSession, "profile" | "damage">> {
  const sections = await readSections(source);
  const { about, raw } = await readAbout(source, sections);
  return { header: about.header, log: about.log, raw };
}

/** The whole session. Throws DamagedSessionError with whatever is left to work with. */
export async function readSession(
  source: ByteSource,
  signal: AbortSignal = new AbortController().signal,
): Promise<SavedSession> {
  const sections = await readSections(source);
  const { about, raw } = await readAbout(source, sections);
  const columns = sections.places.get("columns");
  if (!columns) throw new DamagedSessionError("its columns are missing", about.header, raw);
  const bytes = await readSection(source, columns);
  if (!bytes) throw new DamagedSessionError("its columns do not match their checksum", about.header, raw);
  let profile: unknown;
  try {
    profile = upgraded(decode(bytes), sections.version);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DamagedSessionError(`its columns cannot be read (${why})`, about.header, raw);
  }
  const fault = profileFault(profile);
  if (fault !== null) throw new DamagedSessionError(fault, about.header, raw);
  const damage = await damageBeside(source, sections, signal);
  return {
    profile: profile as Profile,
    header: about.header,
    log: about.log,
    raw: damage === null ? raw : null,
    damage,
  };
}

function upgraded(profile: unknown, version: number): unknown {
  let current = profile;
  for (let at = version; at < VERSION; at++) current = upgradeFrom(at, current);
  return current;
}

async function damageBeside(
  source: ByteSource,
  sections: Sections,
  signal: AbortSignal,
): Promise<string | null> {
  if (sections.isTableDamaged)
    return "the table of its sections has entries that do not match their checksum";
  if (sections.cut.includes("raw")) return "the file is cut off in what the profiler wrote";
  const raw = sections.places.get("raw");
  if (!raw) return null;
  let sum = 0;
  for (let at = 0; at < raw.sizeBytes; at += PIECE_BYTES) {
    signal.throwIfAborted();
    sum = crc32(await source.read(raw.offset + at, Math.min(PIECE_BYTES, raw.sizeBytes - at)), sum);
  }
  return sum === raw.crc32 ? null : "what the profiler wrote does not match its checksum";
}

/** The tool's own bytes, checked. Throws DamagedSessionError. */
export async function readRaw(source: ByteSource, raw: RawPlace): Promise<Uint8Array> {
  const bytes = await readSection(source, raw);
  if (!bytes)
    throw new DamagedSessionError("what the profiler wrote does not match its checksum", null, null);
  return bytes;
}

interface Sections {
  readonly version: number;
  readonly places: ReadonlyMap<string, Section>;
  /** Names of sections that reach past the end of the file. */
  readonly cut: readonly string[];
  readonly isTableDamaged: boolean;
}

async function readSections(source: ByteSource): Promise<Sections> {
  const head = await source.read(0, HEAD_BYTES);
  if (!isSession(head)) throw new DamagedSessionError("it does not begin as one", null, null);
  if (head.length < HEAD_BYTES) throw new DamagedSessionError("it ends in its header", null, null);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getUint32(8, true);
  if (version > VERSION)
    throw new ProblemError(
      problemOf(
        "newer-session",
        `The session was saved by a newer Flamewright (format ${version}, this one reads ${VERSION}).`,
        "Update Flamewright.",
      ),
    );
  const count = view.getUint32(12, true);
  if (version < 1 || count > MAX_SECTIONS)
    throw new DamagedSessionError("its header makes no sense", null, null);
  const table = await source.read(HEAD_BYTES, count * ENTRY_BYTES);
  const places = new Map<string, Section>();
  const cut: string[] = [];
  let isTableDamaged = table.length < count * ENTRY_BYTES;
  const entries = new DataView(table.buffer, table.byteOffset, table.byteLength);
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (crc32(table.subarray(at, at + 28)) !== entries.getUint32(at + 28, true)) {
      isTableDamaged = true;
      continue;
    }
    const name = new TextDecoder().decode(table.subarray(at, at + 8)).replace(/\0+$/, "");
    const offset = Number(entries.getBigUint64(at + 8, true));
    const sizeBytes = Number(entries.getBigUint64(at + 16, true));
    const isInside = Number.isSafeInteger(offset + sizeBytes) && offset + sizeBytes <= endOf(source);
    if (isInside) places.set(name, { offset, sizeBytes, crc32: entries.getUint32(at + 24, true) });
    else cut.push(name);
  }
  return { version, places, cut, isTableDamaged };
}

const endOf = (source: ByteSource): number =>
  source.sizeBytes < 0 ? Number.POSITIVE_INFINITY : source.sizeBytes;

async function readAbout(
  source: ByteSource,
  sections: Sections,
): Promise<{ about: About; raw: RawPlace | null }> {
  const place = sections.places.get("raw");
  const section = sections.places.get("about");
  const bytes = section && (await readSection(source, section));
  const parsed = bytes ? v.safeParse(aboutSchema, decodeOrNull(bytes)) : null;
  if (!parsed?.success) {
    // Without the description the name of the raw artefact is lost, but not its bytes: gzip says so itself.
    const start = place ? await source.read(place.offset, 2) : null;
    const encoding = start?.[0] === 0x1f && start[1] === 0x8b ? "gzip" : "identity";
    throw new DamagedSessionError(
      "its description cannot be read",
      null,
      place ? { ...place, name: "raw", encoding } : null,
    );
  }
  const about = parsed.output;
  return { about, raw: place && about.raw ? { ...place, ...about.raw } : null };
}

function decodeOrNull(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

/** null: it does not match its checksum. */
async function readSection(source: ByteSource, section: Section): Promise<Uint8Array | null> {
  const bytes = await source.read(section.offset, section.sizeBytes);
  return bytes.length === section.sizeBytes && crc32(bytes) === section.crc32 ? bytes : null;
}
