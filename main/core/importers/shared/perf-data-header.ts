import { throwProblem } from "../../base/result.ts";
import { EndianReader } from "../../bytes/endian.ts";
import type { ByteSource } from "../../bytes/source.ts";
import { MIN_ATTR_BYTES, type PerfEvent, readAttr } from "./perf-data-attr.ts";
import { feature, noFeatures, type PerfFeatures, readFeature } from "./perf-data-features.ts";
import { TracingData } from "./perf-data-tracing.ts";

/** What stands before and after the records of a perf.data file. */
export interface PerfDataHeader {
  readonly isLittle: boolean;
  /** Where the records lie. */
  readonly from: number;
  readonly to: number;
  readonly events: PerfEvent[];
  readonly features: PerfFeatures;
  readonly tracing: TracingData;
  readonly notes: readonly string[];
}

export const PIPE_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 104;
const FLAGS_AT = 72;
const MAX_SECTION_BYTES = 2 ** 28;
const MAX_EVENTS = 65_536;

const magicOf = (head: Uint8Array): string => String.fromCharCode(...head.subarray(0, 8));

/** "PERFILE2", or its bytes turned round on machines of the other byte order. */
export function isPerfData(head: Uint8Array): boolean {
  const magic = magicOf(head);
  return magic === "PERFILE2" || magic === "2ELIFREP";
}

/** Records only, as they were written into a pipe: nothing in it says where anything lies. */
export function isPerfPipe(head: Uint8Array): boolean {
  if (!isPerfData(head) || head.length < PIPE_HEADER_BYTES) return false;
  return new EndianReader(head, magicOf(head) === "PERFILE2").u64(8) === PIPE_HEADER_BYTES;
}

/**
 * Header, events and features. Format: tools/perf/Documentation/perf.data-file-format.txt of the Linux kernel.
 */
export async function readPerfDataHeader(source: ByteSource): Promise<PerfDataHeader> {
  const head = await source.read(0, FILE_HEADER_BYTES);
  const isLittle = magicOf(head) === "PERFILE2";
  const reader = new EndianReader(head, isLittle);
  if (head.length < PIPE_HEADER_BYTES) throwDamage("It ends in its header.");
  const tracing = new TracingData();
  const features = noFeatures();
  if (head.length < FILE_HEADER_BYTES) throwDamage("It ends in its header.");
  const file = new PerfDataFile(source, isLittle, reader, features, tracing);
  const events = await file.events();
  const { from, to } = file.data();
  await file.features(from, to);
  return { isLittle, from, to, events, features, tracing, notes: file.notes };
}

function throwDamage(detail: string): never {
  return throwProblem(
    "damaged-file",
    "The perf.data file is damaged.",
    "Record it again, or copy it again from where it came from.",
    detail,
  );
}

class PerfDataFile {
  readonly #source: ByteSource;
  readonly #isLittle: boolean;
  readonly #head: EndianReader;
  readonly #features: PerfFeatures;
  readonly #tracing: TracingData;
  readonly notes: string[] = [];

  constructor(
    source: ByteSource,
    isLittle: boolean,
    head: EndianReader,
    features: PerfFeatures,
    tracing: TracingData,
  ) {
    this.#source = source;
    this.#isLittle = isLittle;
    this.#head = head;
    this.#features = features;
    this.#tracing = tracing;
  }

  async events(): Promise<PerfEvent[]> {
    const entryBytes = this.#head.u64(16);
    const offset = this.#head.u64(24);
    const bytes = this.#head.u64(32);
    if (entryBytes < MIN_ATTR_BYTES + 16 || bytes < entryBytes)
      throwDamage("It says nothing of what was counted.");
    const reader = await this.#section(offset, Math.min(bytes, entryBytes * MAX_EVENTS));
    const events: PerfEvent[] = [];
    for (let at = 0; at + entryBytes <= reader.bytes.length; at += entryBytes) {
      const idsAt = at + entryBytes - 16;
      const ids = await this.#ids(reader.u64(idsAt), reader.u64(idsAt + 8));
      events.push(readAttr(reader, at, entryBytes - 16, ids));
    }
    if (events.length === 0) throwDamage("It says nothing of what was counted.");
    return events;
  }

  async #ids(offset: number, bytes: number): Promise<number[]> {
    const ids: number[] = [];
    if (bytes === 0) return ids;
    const reader = await this.#section(offset, bytes);
    for (let at = 0; at + 8 <= reader.bytes.length; at += 8) ids.push(reader.u64(at));
    return ids;
  }

  /** Where the records lie. perf writes their size last: a recording that was killed has none. */
  data(): { from: number; to: number } {
    const from = this.#head.u64(40);
    const bytes = this.#head.u64(48);
    const size = this.#source.sizeBytes;
    if (from > size) throwDamage("Its records are past its end.");
    if (bytes === 0) {
      this.notes.push("The recording was not ended properly; its records were read as far as they go.");
      return { from, to: size };
    }
    if (from + bytes > size)
      this.notes.push(`The file is cut off: ${from + bytes - size} bytes are missing at its end.`);
    return { from, to: Math.min(size, from + bytes) };
  }

  /** One section a feature, in the order of their bits, after the records. */
  async features(from: number, to: number): Promise<void> {
    const bits: number[] = [];
    // One mask of 256 bits in 64-bit words: in each, the lowest bit first.
    for (let bit = 0; bit < 256; bit++) {
      const word = FLAGS_AT + 8 * (bit >> 6);
      const half = (bit & 63) < 32 ? this.#head.low(word) : this.#head.high(word);
      if ((half >>> (bit & 31)) & 1) bits.push(bit);
    }
    const isWhole = this.notes.length === 0 && from < to;
    if (bits.length === 0 || !isWhole) return;
    const table = await this.#section(to, bits.length * 16);
    for (const [i, bit] of bits.entries()) {
      if (i * 16 + 16 > table.bytes.length) return;
      const offset = table.u64(i * 16);
      const bytes = table.u64(i * 16 + 8);
      if (bit === feature.auxtrace || bit === feature.directory) {
        readFeature(this.#features, bit, table, 0, 0);
        continue;
      }
      if (!isRead.has(bit) || bytes === 0) continue;
      const section = await this.#section(offset, bytes);
      const { length } = section.bytes;
      const isSound =
        bit === feature.tracingData
          ? this.#tracing.read(section.bytes)
          : readFeature(this.#features, bit, section, 0, length);
      if (!isSound)
        this.notes.push(`A part of the file that describes the recording is damaged (feature ${bit}).`);
    }
  }

  /** As much of a section as there is in the file. */
  async #section(offset: number, bytes: number): Promise<EndianReader> {
    const size = this.#source.sizeBytes;
    const there = Math.max(0, Math.min(bytes, size - offset, MAX_SECTION_BYTES));
    const part = there > 0 ? await this.#source.read(offset, there) : new Uint8Array(0);
    return new EndianReader(part, this.#isLittle);
  }
}

const isRead: ReadonlySet<number> = new Set([
  feature.tracingData,
  feature.buildId,
  feature.hostname,
  feature.osRelease,
  feature.version,
  feature.commandLine,
  feature.eventDescription,
  feature.clockData,
]);
