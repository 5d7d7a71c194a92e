import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { OutputFiles } from "#core/profilers/shared/files-source.ts";
import { createFileCollector, matches, v8Lines } from "../../../../main/engine/exec/file-collector.ts";

const patterns: readonly (readonly [string, string, boolean])[] = [
  ["callgrind.out.*", "callgrind.out.1", true],
  ["callgrind.out.*", "callgrind.out", false],
  ["CPU.*.cpuprofile", "CPU.1.2.cpuprofile", true],
  ["CPU.*.cpuprofile", "CPU.cpuprofile", false],
  ["gmon.77", "gmon.77", true],
  ["gmon.77", "gmon.778", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c", false],
  ["*", "", true],
];
test.each(patterns)("%s and %s: %s", (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected);
});

const silent = { stderr: () => undefined, remark: () => undefined, counters: () => undefined };
const text = (name: string, through: OutputFiles["through"] = null): OutputFiles => ({
  name,
  through,
  frame: { kind: "text", end: "|" },
});

async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

test("takes each file once, in the order of its number, when nobody writes it any more", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-test-"));
  const collector = createFileCollector([text("part.*")], folder, silent);
  const old = new Date(Date.now() - 10_000);
  for (const name of ["part.10", "part.2", "other.1"]) {
    writeFileSync(join(folder, name), name);
    utimesSync(join(folder, name), old, old);
  }
  writeFileSync(join(folder, "part.11"), "part.11");
  writeFileSync(join(folder, "part.12"), "");
  mkdirSync(join(folder, "part.folder"));
  symlinkSync("/etc/passwd", join(folder, "part.link"));
  expect(await read(collector.settled())).toBe("part.2|part.10|");
  expect(await read(collector.settled())).toBe("");
  expect(await read(collector.all())).toBe("part.11|");
  expect(collector.taken).toBe(3);
  rmSync(folder, { recursive: true });
});

test("a younger file never comes before an older one, however long a look at the folder takes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-test-"));
  const collector = createFileCollector([text("part.*")], folder, silent);
  const nowMs = Date.now();
  for (const [name, ageMs] of [
    ["part.1", 200],
    ["part.2", 100],
  ] as const) {
    writeFileSync(join(folder, name), name);
    utimesSync(join(folder, name), new Date(nowMs - ageMs), new Date(nowMs - ageMs));
  }
  let reads = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => nowMs + reads++ * 1000);
  const first = await read(collector.settled());
  const second = await read(collector.settled());
  clock.mockRestore();
  expect(first).toBe("");
  expect(second).toBe("part.1|part.2|");
  rmSync(folder, { recursive: true });
});

test("what a program makes of a file, and what it says when it cannot", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-test-"));
  writeFileSync(join(folder, "a"), "abc");
  writeFileSync(join(folder, "b"), "abc");
  const said: string[] = [];
  const collector = createFileCollector(
    [
      text("a", [process.execPath, "-p", "process.argv[1].split('/').pop()", "{file}"]),
      text("b", [process.execPath, "-e", "console.error(7); process.exit(1)"]),
    ],
    folder,
    { ...silent, stderr: (line) => said.push(line) },
  );
  expect(await read(collector.all())).toBe("a\n|");
  expect(said).toEqual(["7"]);
  expect(collector.taken).toBe(1);
  rmSync(folder, { recursive: true });
});

test("a profile of Node becomes lines of the live format", () => {
  const profile = `{"nodes":[{"name":"\\"startTime\\":1"}],\n"startTime":1000,"endTime":2000,"samples":[]}`;
  const lines = (name: string): readonly unknown[] =>
    Buffer.concat([...v8Lines(name, Buffer.from(profile), "node", "node")])
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line): unknown => JSON.parse(line));
  expect(lines("CPU.20261123.173305.4047.1.002.cpuprofile")).toMatchObject([
    { pid: 4047 },
    { threadId: 1, threadName: "worker 1", fromUs: 1000, toUs: 2001, profile: { startTime: 1000 } },
  ]);
  expect(lines("CPU.20261123.173305.4047.0.001.cpuprofile")[1]).toMatchObject({
    threadId: 4047,
    threadName: "main",
  });
  expect(lines("other.cpuprofile")).toEqual([]);
});
