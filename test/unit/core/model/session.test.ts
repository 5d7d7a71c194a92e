import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { memorySource } from "#core/bytes/source.ts";
import type { LogLine } from "#core/model/recording.ts";
import {
  DamagedSessionError,
  isSession,
  readRaw,
  readSession,
  readSessionAbout,
  writeSession,
} from "#core/model/session.ts";
import { someProfile } from "./some-profile.ts";

const profile = someProfile();
const header = { target: "nginx 2314", request: { options: { frequency: 99 } }, nothing: null };
const log: readonly LogLine[] = [{ timeNs: 5, source: "stderr", text: "[ perf record: Woken up ]" }];
const raw = {
  name: "raw.txt",
  encoding: "identity",
  bytes: Uint8Array.from({ length: 999 }, (_, i) => i),
} as const;

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const saved = joined(writeSession({ profile, header, log, raw }));

const problemOf = (bytes: Uint8Array): Promise<unknown> =>
  readSession(memorySource(bytes)).then(
    ({ damage }) => damage,
    (error: unknown) => error,
  );

describe("what was saved comes back", () => {
  test("to the last bit", async () => {
    const back = await readSession(memorySource(saved));
    expect(back.profile).toStrictEqual(profile);
    expect(back.header).toEqual(header);
    expect(back.log).toEqual(log);
    expect(back.damage).toBeNull();
    expect(back.raw).toMatchObject({ name: "raw.txt", encoding: "identity", sizeBytes: 999 });
    if (back.raw) expect(await readRaw(memorySource(saved), back.raw)).toEqual(raw.bytes);
  });

  test("without a raw artefact", async () => {
    const bytes = joined(writeSession({ profile, header, log: [], raw: null }));
    expect(await readSession(memorySource(bytes))).toMatchObject({ raw: null, damage: null, log: [] });
  });

  test("the description alone, without a look at the columns", async () => {
    const bytes = saved.slice();
    bytes.fill(0, bytes.length - 4000);
    expect((await readSessionAbout(memorySource(bytes))).header).toEqual(header);
  });

  test("columns are not copied to be written", () => {
    const time = profile.series[0]?.time;
    const chunks = writeSession({ profile, header, log, raw });
    expect(chunks.some((chunk) => chunk.buffer === time?.buffer)).toBe(true);
    expect(chunks).toContain(raw.bytes);
  });

  test("sections begin at multiples of eight", () => {
    expect(saved.length % 8).toBe(0);
    expect(isSession(saved)).toBe(true);
    expect(isSession(saved.subarray(0, 5))).toBe(false);
  });
});

describe("damage", () => {
  const untouched = structuredClone(profile);

  test("every flipped bit is told, and never crashes", async () => {
    let silent = 0;
    for (let at = 0; at < saved.length; at += 3) {
      const bytes = saved.slice();
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
      const told = await problemOf(bytes);
      if (told instanceof Error) expect(told).toBeInstanceOf(ProblemError);
      else if (told === null) {
        silent++;
        expect((await readSession(memorySource(bytes))).profile).toStrictEqual(untouched);
      }
    }
    // Only the zeros between sections may change unseen.
    expect(silent).toBeLessThan(10);
  });

  test("cut anywhere", async () => {
    for (let length = 0; length < saved.length; length += 13) {
      const told = await problemOf(saved.subarray(0, length));
      if (typeof told === "string") continue;
      expect(told).toBeInstanceOf(ProblemError);
      expect((told as ProblemError).problem).toMatchObject({ code: "damaged-session" });
      expect((told as ProblemError).problem.fix).not.toBe("");
    }
  });

  test("columns are gone, but the raw artefact is not", async () => {
    const { raw: place } = await readSession(memorySource(saved));
    const bytes = saved.slice();
    const at = (place?.offset ?? 0) - 100;
    bytes[at] = (bytes[at] as number) ^ 4;
    const error = await problemOf(bytes);
    expect(error).toBeInstanceOf(DamagedSessionError);
    const damaged = error as DamagedSessionError;
    expect(damaged.header).toEqual(header);
    expect(damaged.raw).not.toBeNull();
    if (damaged.raw) expect(await readRaw(memorySource(bytes), damaged.raw)).toEqual(raw.bytes);
  });

  test("the raw artefact is gone, but the columns are not", async () => {
    const { raw: place } = await readSession(memorySource(saved));
    const bytes = saved.slice();
    bytes[place?.offset ?? 0] = 77;
    const back = await readSession(memorySource(bytes));
    expect(back.profile).toStrictEqual(profile);
    expect(back).toMatchObject({ raw: null, damage: "what the profiler wrote does not match its checksum" });
    const cut = await readSession(memorySource(saved.subarray(0, saved.length - 200)));
    expect(cut.damage).toBe("the file is cut off in what the profiler wrote");
  });

  test("a newer version says so", async () => {
    const bytes = saved.slice();
    bytes[8] = 9;
    expect(((await problemOf(bytes)) as ProblemError).problem.code).toBe("newer-session");
  });

  test("columns that are well sealed but point nowhere", async () => {
    const hostile: [string, (copy: typeof profile) => unknown][] = [
      ["stack before its caller", (copy) => copy.stacks.prefix.fill(5)],
      ["frame", (copy) => copy.stacks.frame.fill(1 << 30)],
      ["function", (copy) => copy.frames.function.fill(-1)],
      ["string", (copy) => copy.functions.name.fill(99_999)],
      ["thread", (copy) => copy.series[0]?.thread.fill(7)],
      ["sample's stack", (copy) => copy.series[0]?.stack.fill(-2)],
      ["labels", (copy) => copy.series[0]?.labels?.fill(4)],
      ["process", (copy) => copy.threads.process.fill(3)],
      ["interval", (copy) => copy.intervals.stack.fill(100)],
      ["length", (copy) => Object.assign(copy.stacks, { length: 1e9 })],
      ["type", (copy) => Object.assign(copy.frames, { line: [1, 2, 3] })],
      ["strings", (copy) => Object.assign(copy, { strings: "abc" })],
      ["values", (copy) => Object.assign(copy.series[0] ?? {}, { values: [] })],
      ["meta", (copy) => Object.assign(copy, { meta: null })],
    ];
    for (const [name, spoil] of hostile) {
      const copy = structuredClone(profile);
      spoil(copy);
      const error = await problemOf(joined(writeSession({ profile: copy, header, log, raw })));
      expect(error, name).toBeInstanceOf(DamagedSessionError);
    }
  });

  test("any bytes after the magic", async () => {
    const magic = new TextEncoder().encode("FWPROFIL\u0001\0\0\0");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (rest) => {
        const told = await problemOf(joined([magic, rest]));
        expect(told).toBeInstanceOf(ProblemError);
      }),
    );
  });
});
