import { expect, test } from "vitest";
import { readGoMemory } from "../../../main/engine/runtime-go.ts";
import { readJavaCounters } from "../../../main/engine/runtime-java.ts";

type Value = number | string;

/** A file as a JVM of this machine's byte order writes it: an entry is its head, its name, then its value at 8 bytes. */
function perfData(values: Readonly<Record<string, Value>>): Uint8Array {
  const entries = Object.entries(values).map(([name, value]) => {
    const nameBytes = Buffer.from(`${name}\0`, "latin1");
    const dataAt = Math.ceil((20 + nameBytes.length) / 8) * 8;
    const data = typeof value === "number" ? Buffer.alloc(8) : Buffer.from(`${value}\0`, "latin1");
    if (typeof value === "number") data.writeBigInt64LE(BigInt(value));
    const entry = Buffer.alloc(Math.ceil((dataAt + data.length) / 8) * 8);
    entry.writeInt32LE(entry.length, 0);
    entry.writeInt32LE(20, 4);
    entry.writeInt32LE(typeof value === "number" ? 0 : data.length, 8);
    entry.write(typeof value === "number" ? "J" : "B", 12);
    entry.writeInt32LE(dataAt, 16);
    nameBytes.copy(entry, 20);
    data.copy(entry, dataAt);
    return entry;
  });
  const head = Buffer.alloc(32);
  head.writeUInt32BE(0xcafec0c0, 0);
  head.set([1, 2, 0, 1], 4);
  head.writeInt32LE(32, 24);
  head.writeInt32LE(entries.length, 28);
  return Buffer.concat([head, ...entries]);
}

const jvm = perfData({
  "java.property.java.vm.name": "OpenJDK 64-Bit Server VM",
  "sun.os.hrt.frequency": 1e9,
  "sun.gc.generation.0.capacity": 30 << 20,
  "sun.gc.generation.0.space.0.used": 5 << 20,
  "sun.gc.generation.0.space.1.used": 1 << 20,
  "sun.gc.generation.1.capacity": 34 << 20,
  "sun.gc.generation.1.space.0.used": 8 << 20,
  "sun.gc.metaspace.used": 7_000_000,
  "sun.gc.collector.0.name": "G1 young collection pauses",
  "sun.gc.collector.0.invocations": 3,
  "sun.gc.collector.0.time": 12_000_000,
});

test("a JVM's own file: its heap by generations, its collectors", () => {
  expect(readJavaCounters(jvm)).toEqual({
    usedBytes: 14 << 20,
    capacityBytes: 64 << 20,
    metaspaceBytes: 7_000_000,
    collectors: [{ name: "G1 young collection pauses", collections: 3, totalNs: 12e6 }],
  });
});

test("no such file, and one that is cut off anywhere, is survived", () => {
  expect(readJavaCounters(Buffer.from("not a file of a JVM, but long enough"))).toBeNull();
  for (let length = 0; length < jvm.length; length++)
    expect(() => readJavaCounters(jvm.subarray(0, length))).not.toThrow();
});

test("Go's page: the statistics behind the profile, and its last pauses", () => {
  const ring = (values: Readonly<Record<number, string>>): string =>
    Array.from({ length: 256 }, (_, at) => values[at] ?? "0").join(" ");
  const page = [
    "heap profile: 1: 10240 [2: 20480] @ heap/1048576",
    "",
    "# runtime.MemStats",
    "# Alloc = 5000",
    "# HeapAlloc = 4000",
    "# Stack = 100 / 200",
    `# PauseNs = [${ring({ 0: "11", 1: "22" })}]`,
    `# PauseEnd = [${ring({ 0: "1795280000000000001", 1: "1795280000500000002" })}]`,
    "# NumGC = 2",
  ].join("\n");
  const reading = readGoMemory(page);
  expect(reading?.fields.get("HeapAlloc")).toBe(4000);
  expect(reading?.pauses).toEqual([
    { endedNs: 1795280000500000002n, durationNs: 22 },
    { endedNs: 1795280000000000001n, durationNs: 11 },
  ]);
  expect(readGoMemory("404 page not found")).toBeNull();
});
