import type { EndianReader } from "../../bytes/endian.ts";

/** Bits of perf_event_attr.sample_type. https://man7.org/linux/man-pages/man2/perf_event_open.2.html */
export const has = {
  ip: 1 << 0,
  tid: 1 << 1,
  time: 1 << 2,
  address: 1 << 3,
  read: 1 << 4,
  callchain: 1 << 5,
  id: 1 << 6,
  cpu: 1 << 7,
  period: 1 << 8,
  streamId: 1 << 9,
  raw: 1 << 10,
  branchStack: 1 << 11,
  userRegisters: 1 << 12,
  userStack: 1 << 13,
  weight: 1 << 14,
  dataSource: 1 << 15,
  identifier: 1 << 16,
  transaction: 1 << 17,
  interruptRegisters: 1 << 18,
  physicalAddress: 1 << 19,
  aux: 1 << 20,
  cgroup: 1 << 21,
  dataPageSize: 1 << 22,
  codePageSize: 1 << 23,
  weightStruct: 1 << 24,
} as const;

/** Bits of read_format. */
export const readFormat = { timeEnabled: 1, timeRunning: 2, id: 4, group: 8, lost: 16 } as const;

/** PERF_SAMPLE_BRANCH_CALL_STACK and PERF_SAMPLE_BRANCH_HW_INDEX. */
export const branch = { callStack: 1 << 11, hardwareIndex: 1 << 17 } as const;

/** What `perf record` was told to count: one perf_event_attr. */
export interface PerfEvent {
  readonly type: number;
  readonly configHigh: number;
  readonly configLow: number;
  readonly sampleType: number;
  readonly readFormat: number;
  readonly branchSampleType: number;
  readonly userRegisters: number;
  /** Which: of the first 32, and of those after them. */
  readonly userRegisterMask: number;
  readonly userRegisterMaskHigh: number;
  readonly interruptRegisters: number;
  /** Events between two samples, where it was fixed; 0 where a frequency was asked for. */
  readonly fixedPeriod: number;
  /** Records that are not samples end in who and when. */
  readonly hasSampleId: boolean;
  readonly ids: readonly number[];
  name: string;
}

/** The smallest perf_event_attr that was ever written, PERF_ATTR_SIZE_VER0. */
export const MIN_ATTR_BYTES = 64;

/** The attr at `at`, of which `sizeBytes` are there; what older versions lack is 0. */
export function readAttr(
  reader: EndianReader,
  at: number,
  sizeBytes: number,
  ids: readonly number[],
): PerfEvent {
  const end = at + sizeBytes;
  const low = (from: number): number => (at + from + 8 <= end ? reader.low(at + from) : 0);
  const high = (from: number): number => (at + from + 8 <= end ? reader.high(at + from) : 0);
  const flag = (bit: number): boolean => isFlagSet(reader, at + 40, bit);
  const type = reader.u32(at);
  const isFrequency = flag(10);
  return {
    type,
    configHigh: high(8),
    configLow: low(8),
    sampleType: low(24),
    readFormat: low(32),
    branchSampleType: low(72),
    userRegisters: bitCount(low(80)) + bitCount(high(80)),
    userRegisterMask: low(80),
    userRegisterMaskHigh: high(80),
    interruptRegisters: bitCount(low(96)) + bitCount(high(96)),
    fixedPeriod: isFrequency ? 0 : high(16) * 2 ** 32 + low(16),
    hasSampleId: flag(18),
    ids,
    name: nameOf(type, high(8), low(8)),
  };
}

/** Bit fields are laid out from the other end on machines of the other byte order. */
function isFlagSet(reader: EndianReader, at: number, bit: number): boolean {
  const byte = reader.bytes[at + (bit >> 3)] ?? 0;
  const inByte = bit & 7;
  return ((byte >> (reader.isLittle ? inByte : 7 - inByte)) & 1) === 1;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const hardware = [
  "cycles",
  "instructions",
  "cache-references",
  "cache-misses",
  "branches",
  "branch-misses",
  "bus-cycles",
  "stalled-cycles-frontend",
  "stalled-cycles-backend",
  "ref-cycles",
];
const software = [
  "cpu-clock",
  "task-clock",
  "page-faults",
  "context-switches",
  "cpu-migrations",
  "minor-faults",
  "major-faults",
  "alignment-faults",
  "emulation-faults",
  "dummy",
  "bpf-output",
  "cgroup-switches",
];

/** The name of an event that the file does not name. */
function nameOf(type: number, high: number, low: number): string {
  const config = high === 0 ? low : Number.NaN;
  const raw = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
  if (type === 0) return hardware[low & 0xff] ?? `hardware 0x${raw}`;
  if (type === 1) return software[config] ?? `software 0x${raw}`;
  if (type === 2) return `tracepoint ${raw}`;
  if (type === 3) return `cache 0x${raw}`;
  if (type === 4) return `r${raw}`;
  if (type === 5) return `mem:0x${raw}`;
  return `event ${type}/0x${raw}/`;
}
