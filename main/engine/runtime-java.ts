/**
 * What a JVM tells of itself in /tmp/hsperfdata_USER/PID, the file that jstat reads: its heap, and its collections.
 * Layout: prologue of 32 bytes, then entries (hotspot/share/runtime/perfMemory.hpp, "Perf Data Prologue", version 2).
 */

export interface JavaReading {
  /** Bytes that objects take, and that are set aside for them. As of the last collection for collectors with regions. */
  readonly usedBytes: number;
  readonly capacityBytes: number;
  readonly metaspaceBytes: number;
  readonly collectors: readonly JavaCollector[];
}

export interface JavaCollector {
  readonly name: string;
  readonly collections: number;
  readonly totalNs: number;
}

const magic = 0xcafec0c0;
const prologueBytes = 32;
const long = "J".charCodeAt(0);
const byte = "B".charCodeAt(0);

/** null for what is no such file. */
export function readJavaCounters(bytes: Uint8Array): JavaReading | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < prologueBytes || view.getUint32(0) !== magic || bytes[5] !== 2) return null;
  const isLittle = bytes[4] === 1;
  const int = (at: number): number => (at + 4 <= bytes.length ? view.getInt32(at, isLittle) : -1);
  const values = entriesOf(bytes, view, int, isLittle);
  const number = (name: string): number => {
    const value = values.get(name);
    return typeof value === "number" ? value : 0;
  };
  const frequency = number("sun.os.hrt.frequency") || 1e9;
  let usedBytes = 0;
  let capacityBytes = 0;
  for (const [name, value] of values) {
    if (typeof value !== "number") continue;
    if (/^sun\.gc\.generation\.\d+\.space\.\d+\.used$/.test(name)) usedBytes += value;
    else if (/^sun\.gc\.generation\.\d+\.capacity$/.test(name)) capacityBytes += value;
  }
  const collectors: JavaCollector[] = [];
  for (let index = 0; values.has(`sun.gc.collector.${index}.invocations`); index++)
    collectors.push({
      name: String(values.get(`sun.gc.collector.${index}.name`) ?? `collector ${index}`),
      collections: number(`sun.gc.collector.${index}.invocations`),
      totalNs: (number(`sun.gc.collector.${index}.time`) / frequency) * 1e9,
    });
  return { usedBytes, capacityBytes, metaspaceBytes: number("sun.gc.metaspace.used"), collectors };
}

function entriesOf(
  bytes: Uint8Array,
  view: DataView,
  int: (at: number) => number,
  isLittle: boolean,
): ReadonlyMap<string, number | string> {
  const values = new Map<string, number | string>();
  const text = (from: number, to: number): string => {
    const end = bytes.indexOf(0, from);
    return Buffer.from(bytes.subarray(from, end === -1 || end > to ? to : end)).toString("latin1");
  };
  let at = int(24);
  for (let left = int(28); left > 0 && at >= prologueBytes; left--) {
    const length = int(at);
    const end = at + length;
    if (length <= 20 || end > bytes.length) break;
    const name = text(at + int(at + 4), end);
    const data = at + int(at + 16);
    const type = bytes[at + 12];
    if (type === long && int(at + 8) === 0 && data + 8 <= end)
      values.set(name, Number(view.getBigInt64(data, isLittle)));
    else if (type === byte && int(at + 8) > 0) values.set(name, text(data, end));
    at = end;
  }
  return values;
}
