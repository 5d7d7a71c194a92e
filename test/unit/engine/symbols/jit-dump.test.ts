import { appendFileSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dumpReader } from "#engine/symbols/jit-dump.ts";
import { growingTable } from "#engine/symbols/text-map.ts";

function header(begunAt: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.writeUInt32LE(0x4a695444, 0);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(40, 8);
  bytes.writeUInt32LE(77, 20);
  bytes.writeBigUInt64LE(BigInt(begunAt), 24);
  return bytes;
}

function record(kind: number, body: readonly number[], rest = Buffer.alloc(0)): Buffer {
  const numbers = Buffer.alloc(8 * body.length);
  for (const [i, value] of body.entries()) numbers.writeBigUInt64LE(BigInt(value), 8 * i);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(kind, 0);
  head.writeUInt32LE(16 + numbers.length + rest.length, 4);
  return Buffer.concat([head, numbers, rest]);
}

const ids = 77;
const load = (index: number, address: number, sizeBytes: number, name: string): Buffer =>
  record(
    0,
    [ids, address, address, sizeBytes, index],
    Buffer.concat([Buffer.from(`${name}\0`), Buffer.alloc(sizeBytes, 0x90)]),
  );
const move = (index: number, from: number, to: number, sizeBytes: number): Buffer =>
  record(1, [ids, to, from, to, sizeBytes, index]);
const debugInfo = record(2, [0x1000, 0], Buffer.from("anything"));

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "flamewright-dump-")), "jit-77.dump");

function opened(path: string) {
  const table = growingTable(dumpReader(path));
  const nameAt = (low: number, high = 0): string => table.find(high, low)?.name ?? "";
  return { refresh: () => table.refresh?.(), nameAt };
}

describe("jitdumps of runtimes", () => {
  it("name code where it was loaded and where it was moved", () => {
    const path = newPath();
    const parts = [
      header(1),
      debugInfo,
      load(0, 0x1000, 16, "py::burn_ä:/app/a.py"),
      load(1, 0x7f5800002000, 32, "JS:*hot"),
      move(0, 0x1000, 0x3000, 16),
    ];
    writeFileSync(path, Buffer.concat(parts));
    const { nameAt } = opened(path);
    expect(nameAt(0x100f)).toBe("py::burn_ä:/app/a.py");
    expect(nameAt(0x1010)).toBe("");
    expect(nameAt(0x201f, 0x7f58)).toBe("JS:*hot");
    expect(nameAt(0x2020, 0x7f58)).toBe("");
    expect(nameAt(0x3008)).toBe("py::burn_ä:/app/a.py");
  });

  it("grow, in the midst of a record too, and are read anew when another program begins one", () => {
    const path = newPath();
    const { refresh, nameAt } = opened(path);
    expect(refresh()).toBe(0);
    writeFileSync(path, header(1));
    refresh();
    const first = load(0, 0x1000, 64, "first");
    appendFileSync(path, first.subarray(0, 70));
    expect([refresh(), nameAt(0x1000)]).toEqual([1, ""]);
    appendFileSync(path, first.subarray(70));
    expect([refresh(), nameAt(0x1000)]).toEqual([2, "first"]);
    expect(refresh()).toBe(2);
    appendFileSync(path, load(1, 0x1000, 64, "second"));
    expect([refresh(), nameAt(0x1000)]).toEqual([3, "second"]);
    const other = [load(0, 0x5000, 64, "other"), load(1, 0x6000, 4096, "and more")];
    writeFileSync(path, Buffer.concat([header(2), ...other]));
    refresh();
    expect([nameAt(0x1000), nameAt(0x5000), nameAt(0x6fff)]).toEqual(["", "other", "and more"]);
  });

  it("that are damaged keep what was named before", () => {
    const path = newPath();
    const parts = [header(1), load(0, 0x1000, 16, "kept"), record(0, []), Buffer.alloc(64, 0)];
    writeFileSync(path, Buffer.concat([...parts, load(1, 0x2000, 16, "lost")]));
    const { refresh, nameAt } = opened(path);
    expect([nameAt(0x1000), nameAt(0x2000)]).toEqual(["kept", ""]);
    appendFileSync(path, load(2, 0x4000, 16, "late"));
    expect([refresh(), nameAt(0x4000)]).toEqual([1, ""]);
  });

  it("are plain files and nothing else", () => {
    const path = newPath();
    const real = newPath();
    writeFileSync(real, Buffer.concat([header(1), load(0, 0x1000, 16, "f")]));
    symlinkSync(real, path);
    expect(opened(path).nameAt(0x1000)).toBe("");
    writeFileSync(real, Buffer.concat([Buffer.alloc(40), load(0, 0x1000, 16, "f")]));
    expect(opened(real).nameAt(0x1000)).toBe("");
  });
});
