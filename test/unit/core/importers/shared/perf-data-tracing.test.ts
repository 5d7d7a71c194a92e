import { describe, expect, it } from "vitest";
import { EndianReader } from "#core/bytes/endian.ts";
import { fieldValue, type TraceField, TracingData } from "#core/importers/shared/perf-data-tracing.ts";

const format = `name: openat
ID: 77
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:1;
\tfield:char comm[4];\toffset:12;\tsize:4;\tsigned:0;
\tfield:s64 ret;\toffset:16;\tsize:8;\tsigned:1;
\tfield:void * ip;\toffset:24;\tsize:8;\tsigned:0;
\tfield:unsigned long args[6];\toffset:32;\tsize:48;\tsigned:0;

print fmt: "%s", __get_str(filename)
`;

function tracing(): Uint8Array {
  const bytes: number[] = [23, 8, 68];
  const text = (value: string): number => bytes.push(...new TextEncoder().encode(value));
  const u32 = (value: number): number => bytes.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, 0);
  const u64 = (value: number): void => {
    u32(value);
    u32(0);
  };
  text("tracing0.6\0");
  bytes.push(0, 8);
  u32(4096);
  for (const name of ["header_page", "header_event"]) {
    text(`${name}\0`);
    u64(3);
    text("abc");
  }
  u32(0);
  u32(1);
  text("syscalls\0");
  u32(1);
  u64(format.length);
  text(format);
  u32(0);
  return Uint8Array.from(bytes);
}

describe("tracing data", () => {
  it("formats by number, without the fields that all have", () => {
    const data = new TracingData();
    expect(data.read(tracing())).toBe(true);
    const found = data.formats.get(77);
    expect(found?.name).toBe("syscalls:openat");
    expect(found?.fields.map(({ name, isText, dynamic }) => [name, isText, dynamic])).toEqual([
      ["filename", true, "data"],
      ["comm", true, "no"],
      ["ret", false, "no"],
      ["ip", false, "no"],
      ["args", false, "no"],
    ]);
  });

  it("is damaged wherever it is cut, and never throws", () => {
    const whole = tracing();
    for (let length = 0; length < whole.length; length++)
      expect(new TracingData().read(whole.subarray(0, length))).toBe(false);
  });

  it("values of a record, whole or not", () => {
    const data = new TracingData();
    data.read(tracing());
    const raw = new Uint8Array(86);
    const view = new DataView(raw.buffer);
    view.setUint32(8, (6 << 16) | 80, true);
    raw.set(new TextEncoder().encode("/etc/x"), 80);
    raw.set(new TextEncoder().encode("sh"), 12);
    view.setBigInt64(16, -2n, true);
    view.setBigUint64(24, 0xffffffff81000010n, true);
    const reader = new EndianReader(raw, true);
    const fields = data.formats.get(77)?.fields ?? [];
    const values = fields.map((field: TraceField) => fieldValue(reader, 0, raw.length, field));
    expect(values).toEqual(["/etc/x", "sh", -2, "0xffffffff81000010", null]);
    expect(fields.map((field) => fieldValue(reader, 0, 10, field))).toEqual([null, null, null, null, null]);
  });
});
