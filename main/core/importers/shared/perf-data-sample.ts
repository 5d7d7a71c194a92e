import type { EndianReader } from "../../bytes/endian.ts";
import { branch, has, type PerfEvent, readFormat } from "./perf-data-attr.ts";

/**
 * The fields of one PERF_RECORD_SAMPLE, in the order of perf_event_open(2). One object for all of them: `read` fills it
 * anew.
 */
export class PerfSample {
  ipHigh = 0;
  ipLow = 0;
  pid = -1;
  tid = -1;
  timeHigh = 0;
  timeLow = 0;
  addressHigh = 0;
  addressLow = 0;
  cpu = -1;
  period = 0;
  /** Where the values that were read with the sample lie; 0 for none. */
  readAt = 0;
  /** Where the first address of the call chain lies, and how many there are with their context marks. */
  chainAt = 0;
  chainLength = 0;
  rawAt = 0;
  rawBytes = 0;
  branchAt = 0;
  branchCount = 0;
  /** Where the registers of the program lie, with what kind they are in front; 0 for none. */
  userRegistersAt = 0;
  /** The copy of the stack, to be unwound, as far as there was a stack. */
  stackAt = 0;
  stackBytes = 0;
  weight = Number.NaN;
  dataSourceHigh = 0;
  dataSourceLow = 0;
  physicalHigh = 0;
  physicalLow = 0;
  cgroup = 0;

  /** false: the record is too short for what it should hold. */
  read(reader: EndianReader, start: number, end: number, event: PerfEvent): boolean {
    const type = event.sampleType;
    this.#clear();
    let at = start + 8;
    if (type & has.identifier) at += 8;
    if (at + fixedBytes(type) > end) return false;
    if (type & has.ip) {
      this.ipLow = reader.low(at);
      this.ipHigh = reader.high(at);
      at += 8;
    }
    if (type & has.tid) {
      this.pid = reader.i32(at);
      this.tid = reader.i32(at + 4);
      at += 8;
    }
    if (type & has.time) {
      this.timeLow = reader.low(at);
      this.timeHigh = reader.high(at);
      at += 8;
    }
    if (type & has.address) {
      this.addressLow = reader.low(at);
      this.addressHigh = reader.high(at);
      at += 8;
    }
    if (type & has.id) at += 8;
    if (type & has.streamId) at += 8;
    if (type & has.cpu) {
      this.cpu = reader.u32(at);
      at += 8;
    }
    if (type & has.period) {
      this.period = reader.u64(at);
      at += 8;
    } else this.period = event.fixedPeriod || 1;
    if (type & has.read) {
      this.readAt = at;
      at = afterRead(reader, at, end, event.readFormat);
    }
    if (type & has.callchain) {
      if (at + 8 > end) return false;
      const count = reader.u64(at);
      if (count > (end - at - 8) / 8) return false;
      this.chainAt = at + 8;
      this.chainLength = count;
      at += 8 + 8 * count;
    }
    return this.#readRest(reader, at, end, event);
  }

  /** What comes after the call chain: seldom there. */
  #readRest(reader: EndianReader, from: number, end: number, event: PerfEvent): boolean {
    const type = event.sampleType;
    let at = from;
    if (at > end) return false;
    if (type & has.raw) {
      if (at + 4 > end) return false;
      this.rawBytes = reader.u32(at);
      this.rawAt = at + 4;
      at += 4 + this.rawBytes;
      if (at > end) return false;
    }
    if (type & has.branchStack) {
      if (at + 8 > end) return false;
      const count = reader.u64(at);
      at += 8 + (event.branchSampleType & branch.hardwareIndex ? 8 : 0);
      if (count > (end - at) / 24) return false;
      this.branchAt = at;
      this.branchCount = count;
      at += 24 * count;
    }
    if (type & has.userRegisters) this.userRegistersAt = at;
    if (type & has.userRegisters) at = afterRegisters(reader, at, end, event.userRegisters);
    if (type & has.userStack) {
      if (at + 8 > end) return false;
      const size = reader.u64(at);
      at += 8;
      if (size > end - at) return false;
      if (size > 0 && at + size + 8 > end) return false;
      if (size > 0) {
        this.stackAt = at;
        this.stackBytes = Math.min(size, reader.u64(at + size));
        at += size + 8;
      }
    }
    return (type & ~(has.weight - 1)) === 0 || this.#readTail(reader, at, end, event);
  }

  #readTail(reader: EndianReader, from: number, end: number, event: PerfEvent): boolean {
    const type = event.sampleType;
    let at = from;
    const isThere = (): boolean => at + 8 <= end;
    if (type & (has.weight | has.weightStruct)) {
      if (!isThere()) return false;
      // The structure has the latency in its lower half.
      this.weight = type & has.weightStruct ? reader.low(at) : reader.u64(at);
      at += 8;
    }
    if (type & has.dataSource) {
      if (!isThere()) return false;
      this.dataSourceLow = reader.low(at);
      this.dataSourceHigh = reader.high(at);
      at += 8;
    }
    if (type & has.transaction) at += 8;
    if (type & has.interruptRegisters) at = afterRegisters(reader, at, end, event.interruptRegisters);
    if (type & has.physicalAddress) {
      if (!isThere()) return false;
      this.physicalLow = reader.low(at);
      this.physicalHigh = reader.high(at);
      at += 8;
    }
    if (type & has.cgroup && isThere()) this.cgroup = reader.u64(at);
    return at <= end;
  }

  #clear(): void {
    this.ipHigh = 0;
    this.ipLow = 0;
    this.pid = -1;
    this.tid = -1;
    this.timeHigh = 0;
    this.timeLow = 0;
    this.addressHigh = 0;
    this.addressLow = 0;
    this.cpu = -1;
    this.readAt = 0;
    this.chainAt = 0;
    this.chainLength = 0;
    this.rawAt = 0;
    this.rawBytes = 0;
    this.branchAt = 0;
    this.branchCount = 0;
    this.userRegistersAt = 0;
    this.stackAt = 0;
    this.stackBytes = 0;
    this.weight = Number.NaN;
    this.dataSourceHigh = 0;
    this.dataSourceLow = 0;
    this.physicalHigh = 0;
    this.physicalLow = 0;
    this.cgroup = 0;
  }
}

function fixedBytes(type: number): number {
  let bytes = 0;
  for (const bit of [has.ip, has.tid, has.time, has.address, has.id, has.streamId, has.cpu, has.period])
    if (type & bit) bytes += 8;
  return bytes;
}

/** Where the values of a read end; past `end` where they do not fit. */
function afterRead(reader: EndianReader, at: number, end: number, format: number): number {
  const times = (format & readFormat.timeEnabled ? 8 : 0) + (format & readFormat.timeRunning ? 8 : 0);
  const value = 8 + (format & readFormat.id ? 8 : 0) + (format & readFormat.lost ? 8 : 0);
  if (!(format & readFormat.group)) return at + value + times;
  if (at + 8 > end) return end + 1;
  const count = reader.u64(at);
  return count > (end - at) / value ? end + 1 : at + 8 + times + count * value;
}

/** Registers are there only where the sample was taken in a mode that has them. */
function afterRegisters(reader: EndianReader, at: number, end: number, count: number): number {
  if (at + 8 > end) return end + 1;
  return at + 8 + (reader.u64(at) === 0 ? 0 : 8 * count);
}

/** What a member of a group had counted when its leader was sampled. */
export type ReadValue = (value: number, id: number) => void;

/** Hands over the values of a group read (`perf record -e '{a,b}:S'`); nothing where it is of one event. */
export function groupValues(
  reader: EndianReader,
  readAt: number,
  end: number,
  format: number,
  give: ReadValue,
): void {
  if (!(format & readFormat.group) || !(format & readFormat.id)) return;
  const count = reader.u64(readAt);
  const width = 16 + (format & readFormat.lost ? 8 : 0);
  let at = readAt + 8;
  if (format & readFormat.timeEnabled) at += 8;
  if (format & readFormat.timeRunning) at += 8;
  for (let i = 0; i < count && at + 16 <= end; i++, at += width) give(reader.u64(at), reader.u64(at + 8));
}

/** Where a record says which event it is of, and when; offsets from its start, or from its end where negative. */
export interface IdPlace {
  /** 0 for none. */
  readonly sampleId: number;
  readonly otherId: number;
  readonly sampleTime: number;
  readonly otherTime: number;
}

/** Where the id is, is the same in every event of a file, or perf itself could not read it; where the time is, only in samples. */
export function idPlace(event: PerfEvent): IdPlace {
  const type = event.sampleType;
  const bytes = (...bits: readonly number[]): number => bits.filter((bit) => type & bit).length * 8;
  const front = 8 + bytes(has.identifier, has.ip, has.tid);
  const sampleTime = type & has.time ? front : 0;
  const trailer = (...bits: readonly number[]): number => -bytes(...bits);
  const isTrailed = event.hasSampleId;
  return {
    sampleId: type & has.identifier ? 8 : type & has.id ? front + bytes(has.time, has.address) : 0,
    otherId: !isTrailed
      ? 0
      : type & has.identifier
        ? -8
        : type & has.id
          ? trailer(has.id, has.streamId, has.cpu)
          : 0,
    sampleTime,
    otherTime:
      isTrailed && type & has.time ? trailer(has.time, has.id, has.streamId, has.cpu, has.identifier) : 0,
  };
}
