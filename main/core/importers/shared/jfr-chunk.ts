import { type JfrClass, readMetadata, skipValue } from "./jfr-metadata.ts";
import { JfrDamage, JfrReader } from "./jfr-reader.ts";

const METADATA = 0;
const CONSTANTS = 1;
export const HEADER_BYTES = 68;

/** The first 68 bytes of each chunk. https://github.com/openjdk/jdk/blob/master/src/hotspot/share/jfr/recorder/repository/jfrChunkWriter.cpp */
export interface ChunkHeader {
  readonly major: number;
  readonly minor: number;
  readonly sizeBytes: number;
  readonly constantsAt: number;
  readonly metadataAt: number;
  /** Since the epoch: more than a float64 holds exactly. */
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly startTicks: number;
  readonly ticksPerSecond: number;
  readonly isCompressed: boolean;
}

export const isChunk = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x52 && bytes[3] === 0;

/** Null where the bytes begin no chunk of a version that is known. */
export function readHeader(bytes: Uint8Array): ChunkHeader | null {
  if (bytes.length < HEADER_BYTES || !isChunk(bytes)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (at: number): number => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  const major = view.getUint16(4);
  if (major < 1 || major > 2) return null;
  return {
    major,
    minor: view.getUint16(6),
    sizeBytes: long(8),
    constantsAt: long(16),
    metadataAt: long(24),
    startNs: view.getBigUint64(32),
    durationNs: long(40),
    startTicks: long(48),
    ticksPerSecond: long(56) || 1e9,
    isCompressed: (view.getUint32(64) & 1) === 1,
  };
}

/** One chunk in memory: its classes, where each constant lies, and its events. */
export class JfrChunk {
  readonly header: ChunkHeader;
  readonly reader: JfrReader;
  classes = new Map<number, JfrClass>();
  /** Where constants lie, by type and key. */
  readonly constants = new Map<number, Map<number, number>>();
  readonly damage: string[] = [];

  constructor(header: ChunkHeader, bytes: Uint8Array) {
    this.header = header;
    this.reader = new JfrReader(bytes, header.isCompressed);
    const { metadataAt, constantsAt } = header;
    const isWhole = metadataAt >= HEADER_BYTES && metadataAt < bytes.length && constantsAt < bytes.length;
    // A recording that was cut off does not say where its tables are: then all that are found count.
    if (isWhole) this.#tables(metadataAt, constantsAt);
    else this.#foundTables();
  }

  /** Goes through all events of types that are described; the reader stands after the type of each. */
  events(visit: (type: JfrClass) => void): void {
    this.#walk((id) => {
      const type = id === METADATA || id === CONSTANTS ? undefined : this.classes.get(id);
      if (type) visit(type);
    });
  }

  #tables(metadataAt: number, constantsAt: number): void {
    this.#guard(() => this.#at(metadataAt, METADATA, () => this.#metadata()));
    const seen = new Set<number>();
    let at = constantsAt;
    // Each table of constants says how far back the one before it lies.
    while (at >= HEADER_BYTES && at < this.reader.bytes.length && !seen.has(at)) {
      seen.add(at);
      let back = 0;
      this.#guard(() =>
        this.#at(at, CONSTANTS, () => {
          back = this.#constants();
        }),
      );
      if (back === 0) break;
      at += back;
    }
  }

  #foundTables(): void {
    const places: number[] = [];
    this.#walk((id, start) => {
      if (id === METADATA) this.#guard(() => this.#metadata());
      if (id === CONSTANTS) places.push(start);
    });
    for (const at of places.reverse()) this.#guard(() => this.#at(at, CONSTANTS, () => this.#constants()));
  }

  #metadata(): void {
    for (const [id, type] of readMetadata(this.reader)) this.classes.set(id, type);
  }

  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof JfrDamage)) throw error;
      if (!this.damage.includes(error.message)) this.damage.push(error.message);
    }
  }

  /** Reads the event at a place, which must be of a type. */
  #at(at: number, type: number, read: () => void): void {
    const { reader } = this;
    reader.at = at;
    reader.end = reader.bytes.length;
    const size = reader.int();
    if (size <= 0 || at + size > reader.bytes.length) throw new JfrDamage("a table ends past the end");
    reader.end = at + size;
    if (reader.long() !== type) throw new JfrDamage("a table is not where it should be");
    read();
    reader.end = reader.bytes.length;
  }

  #walk(visit: (id: number, start: number) => void): void {
    const { reader } = this;
    const end = Math.min(reader.bytes.length, this.header.sizeBytes || reader.bytes.length);
    let at = HEADER_BYTES;
    while (at < end) {
      reader.at = at;
      reader.end = end;
      const start = at;
      this.#guard(() => {
        const size = reader.int();
        if (size <= 0 || start + size > end) throw new JfrDamage("it ends in an event");
        at = start + size;
        reader.end = at;
        visit(reader.long(), start);
      });
      // Without a size there is no next one.
      if (at === start) break;
    }
    reader.end = reader.bytes.length;
  }

  /** Gives how far back the table before lies: negative, or 0 for none. */
  #constants(): number {
    const { reader } = this;
    reader.long();
    reader.long();
    const back = reader.long();
    reader.byte();
    for (let pools = reader.count(); pools > 0; pools--) {
      const typeId = reader.long();
      const type = this.classes.get(typeId) ?? null;
      let known = this.constants.get(typeId);
      if (!known) {
        known = new Map();
        this.constants.set(typeId, known);
      }
      for (let count = reader.count(); count > 0; count--) {
        const key = reader.long();
        if (!known.has(key)) known.set(key, reader.at);
        skipValue(reader, type);
      }
    }
    return back;
  }
}
