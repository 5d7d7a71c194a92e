import { describe, expect, test } from "vitest";
import { gperftoolsCpu } from "#core/importers/gperftools-cpu.ts";
import type { ImportServices } from "#core/importers/importer.ts";
import { feed, firstSeries, fixture, importContext, namesOf, total } from "./importing.ts";

/** Symbols of the demo's program, as `nm` prints them. */
const symbols: readonly (readonly [number, string])[] = [
  [0x1180, "main"],
  [0x13a0, "_start"],
  [0x1490, "burn_a"],
  [0x14e0, "burn_b"],
  [0x1530, "burn_c"],
  [0x1580, "phase_ab"],
  [0x15a0, "phase_c"],
  [0x15b0, "worker"],
];
const services: ImportServices = {
  symbols: {
    tableOf: ({ path }) =>
      path === "/srv/demo/targets/cpu_fp"
        ? {
            segments: [{ offset: 0x1000, address: 0x1000, sizeBytes: 0x1000 }],
            find: (_, low) => {
              const [start, name] = symbols.findLast(([from]) => from <= low) ?? [0, ""];
              return name === "" ? null : { name, high: 0, low: start };
            },
          }
        : null,
    kernel: () => null,
    notes: () => [],
  },
};

/** A file of these words. */
function words(list: readonly number[], wordBytes: 4 | 8, isLittle: boolean, text = ""): Uint8Array {
  const bytes = new Uint8Array(list.length * wordBytes + text.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of list.entries()) {
    if (wordBytes === 4) view.setUint32(i * 4, word, isLittle);
    else view.setBigUint64(i * 8, BigInt(word), isLittle);
  }
  bytes.set(new TextEncoder().encode(text), list.length * wordBytes);
  return bytes;
}

const layouts = [
  [4, true],
  [4, false],
  [8, true],
  [8, false],
] as const;

describe("gperftools CPU profiles", () => {
  test("492 samples of 4 ms, 291 of burn_a, 156 of burn_b, 45 of burn_c", () => {
    const profile = feed(gperftoolsCpu, fixture("gperftools-cpu/cpu.prof"), [], importContext({ services }));
    const series = firstSeries(profile);
    const counts: Record<string, number> = {};
    const callers = new Set<string>();
    series.stack.forEach((stack, row) => {
      const names = namesOf(profile, stack);
      const leaf = names.at(-1) ?? "";
      counts[leaf] = (counts[leaf] ?? 0) + (series.values[1]?.data?.[row] ?? 0);
      callers.add(names.slice(-4, -1).join(" > "));
    });
    expect(counts).toEqual({ burn_a: 291, burn_b: 156, burn_c: 45 });
    expect([...callers].sort()).toEqual(["main > worker > phase_ab", "main > worker > phase_c"]);
    expect(total(series)).toBe(492 * 4e6);
    expect(profile.meta).toMatchObject({ periodNs: 4e6, target: "cpu_fp" });
    expect(profile.meta.notes.join()).toContain("libc.so.6");
  });

  test.each(layouts)("words of %i bytes, little endian: %s", (wordBytes, isLittle) => {
    const bytes = words(
      [0, 3, 0, 10_000, 0, 3, 3, 0x1010, 0x1010, 0x2020, 2, 1, 0x1030, 1, 0, 0, 1, 0],
      wordBytes,
      isLittle,
      "00001000-00002000 r-xp 00000000 08:01 7 /bin/a b\n",
    );
    expect(gperftoolsCpu.sniff(bytes, "")).toBe(true);
    const profile = feed(gperftoolsCpu, bytes, [1, 19, 33, 60, 61]);
    const series = firstSeries(profile);
    expect(Array.from(series.stack, (stack) => namesOf(profile, stack).join(" > "))).toEqual([
      "0x2020 > 0x10",
      "0x30",
      "",
    ]);
    expect(Array.from(series.values[1]?.data ?? [])).toEqual([3, 2, 1]);
    expect(total(series)).toBe(60e6);
    expect(profile.strings[profile.binaries.path[0] as number]).toBe("/bin/a b");
  });

  test("a depth that cannot be ends it", () => {
    const bytes = words([0, 3, 0, 100, 0, 1, 1, 0x10, 1, 2 ** 40, 1, 2, 3], 8, true);
    const profile = feed(gperftoolsCpu, bytes);
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes.join()).toContain("damaged");
  });

  test("zeros and other numbers are not one", () => {
    expect(gperftoolsCpu.sniff(new Uint8Array(200), "")).toBe(false);
    expect(gperftoolsCpu.sniff(words([0, 3, 0, 0, 0, 1, 1], 8, true), "")).toBe(false);
    expect(gperftoolsCpu.sniff(words([0, 3, 2, 10, 0, 1, 1], 8, true), "")).toBe(false);
  });
});
