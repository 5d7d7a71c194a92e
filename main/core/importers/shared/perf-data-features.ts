import type { EndianReader } from "../../bytes/endian.ts";

/** Bits of the feature sections, HEADER_* of tools/perf/util/header.h. */
export const feature = {
  tracingData: 1,
  buildId: 2,
  hostname: 3,
  osRelease: 4,
  version: 5,
  machine: 6,
  commandLine: 11,
  eventDescription: 12,
  auxtrace: 18,
  directory: 24,
  clockData: 29,
} as const;

/** What the feature sections say. */
export interface PerfFeatures {
  host: string;
  kernel: string;
  /** As uname -m has it. */
  machine: string;
  toolVersion: string;
  command: string;
  /** Wall clock in ms, and the recording's clock in ns at the same moment. */
  wallMs: number;
  clockNs: number;
  hasTrace: boolean;
  isDirectory: boolean;
  readonly names: { readonly name: string; readonly ids: readonly number[] }[];
  readonly buildIds: Map<string, string>;
}

export const noFeatures = (): PerfFeatures => ({
  host: "",
  kernel: "",
  machine: "",
  toolVersion: "",
  command: "",
  wallMs: -1,
  clockNs: 0,
  hasTrace: false,
  isDirectory: false,
  names: [],
  buildIds: new Map(),
});

/** Reads one section; what does not fit in it is left out, and `false` says so. */
export function readFeature(
  into: PerfFeatures,
  id: number,
  reader: EndianReader,
  at: number,
  end: number,
): boolean {
  try {
    if (id === feature.hostname) into.host = textAt(reader, at, end);
    else if (id === feature.osRelease) into.kernel = textAt(reader, at, end);
    else if (id === feature.machine) into.machine = textAt(reader, at, end);
    else if (id === feature.version) into.toolVersion = textAt(reader, at, end);
    else if (id === feature.commandLine) into.command = commandAt(reader, at, end);
    else if (id === feature.eventDescription) readNames(into, reader, at, end);
    else if (id === feature.buildId) readBuildIds(into, reader, at, end);
    else if (id === feature.auxtrace) into.hasTrace = true;
    else if (id === feature.directory) into.isDirectory = true;
    else if (id === feature.clockData && end - at >= 24) {
      into.wallMs = reader.u64(at + 8) / 1e6;
      into.clockNs = reader.u64(at + 16);
    }
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A length that includes padding, then a text that ends in zero. */
function textAt(reader: EndianReader, at: number, end: number): string {
  return reader.cString(at + 4, Math.min(end, at + 4 + reader.u32(at)));
}

function commandAt(reader: EndianReader, from: number, end: number): string {
  const words: string[] = [];
  let at = from + 4;
  for (let count = reader.u32(from); count > 0 && at + 4 <= end; count--) {
    words.push(textAt(reader, at, end));
    at += 4 + reader.u32(at);
  }
  return words.join(" ");
}

function readNames(into: PerfFeatures, reader: EndianReader, from: number, end: number): void {
  const count = reader.u32(from);
  const attrBytes = reader.u32(from + 4);
  let at = from + 8;
  for (let i = 0; i < count && at + attrBytes + 8 <= end; i++) {
    at += attrBytes;
    const idCount = reader.u32(at);
    const name = textAt(reader, at + 4, end);
    at += 8 + reader.u32(at + 4);
    if (idCount > (end - at) / 8) return;
    const ids: number[] = [];
    for (let j = 0; j < idCount; j++) ids.push(reader.u64(at + 8 * j));
    at += 8 * idCount;
    into.names.push({ name, ids });
  }
}

const BUILD_ID_AT = 12;
const PATH_AT = 36;
/** PERF_RECORD_MISC_BUILD_ID_SIZE: the record says how long the build id is. */
const HAS_SIZE = 1 << 15;

function readBuildIds(into: PerfFeatures, reader: EndianReader, from: number, end: number): void {
  let at = from;
  while (at + PATH_AT < end) {
    const size = reader.u16(at + 6);
    if (size <= PATH_AT) return;
    readBuildId(into, reader, reader.u16(at + 4), at, Math.min(end, at + size));
    at += size;
  }
}

/** One record of a build id, in a feature section or in a pipe. */
export function readBuildId(
  into: PerfFeatures,
  reader: EndianReader,
  misc: number,
  at: number,
  end: number,
): void {
  if (at + PATH_AT >= end) return;
  const size = misc & HAS_SIZE ? Math.min(20, reader.bytes[at + BUILD_ID_AT + 20] ?? 20) : 20;
  const id = hexOf(reader.bytes.subarray(at + BUILD_ID_AT, at + BUILD_ID_AT + size));
  const path = reader.cString(at + PATH_AT, end);
  if (path !== "" && /[1-9a-f]/.test(id)) into.buildIds.set(path, id);
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
