import { describe, expect, it } from "vitest";
import { dhat } from "#core/importers/dhat.ts";
import { massif } from "#core/importers/massif.ts";
import { sanitizer } from "#core/importers/sanitizer.ts";
import { valgrindText } from "#core/importers/valgrind-text.ts";
import { valgrindXml } from "#core/importers/valgrind-xml.ts";
import type { Profile, Series } from "#core/model/profile.ts";
import { bytesOf, feed, fixture } from "./importing.ts";

const seriesOf = (profile: Profile, id: string): Series => {
  const series = profile.series.find((one) => one.id === id);
  if (!series) throw new Error(`no series ${id}: ${profile.series.map((one) => one.id)}`);
  return series;
};

/** Value by the function that stands `above` frames below the innermost. */
function byFunction(profile: Profile, series: Series, value: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (let i = 0; i < series.length; i++) {
    const names: string[] = [];
    for (let stack = series.stack[i] ?? -1; stack !== -1; stack = profile.stacks.prefix[stack] ?? -1) {
      const index = profile.frames.function[profile.stacks.frame[stack] ?? -1] ?? -1;
      names.push(profile.strings[profile.functions.name[index] ?? -1] ?? "");
    }
    const name = names.find((one) => /^(leak_here|leak_small|big_hold|churn)\b/.test(one)) ?? "other";
    const plain = name.replace(/\(.*$/, "");
    sums[plain] = (sums[plain] ?? 0) + (series.values[value]?.data?.[i] ?? 1);
  }
  return sums;
}

describe("massif", () => {
  it("70 snapshots and the peak as it was measured", () => {
    const profile = feed(massif, fixture("massif/leak.massif"));
    const heap = profile.counters.find(({ id }) => id === "mem_heap_B");
    expect(heap?.length).toBe(70);
    expect(Math.max(...(heap?.value ?? []))).toBe(11_028_968);
  });

  it.each([
    ["ms", 5e6],
    ["s", 5e9],
    ["i", 5],
    ["B", 5],
  ])("times in %s", (unit, expected) => {
    const text = `desc: --x\ncmd: ./x\ntime_unit: ${unit}\n#-----------\nsnapshot=0\n#-----------\ntime=5\nmem_heap_B=100\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=empty\n`;
    const { counters } = feed(massif, bytesOf(text));
    expect(counters[0]?.time[0]).toBe(expected);
  });
});

describe("DHAT", () => {
  it("bytes and blocks of every allocation point", () => {
    const profile = feed(dhat, fixture("dhat/leak.dhat.json"));
    const series = profile.series[0] as Series;
    const total = byFunction(profile, series, 0);
    expect(total).toMatchObject({
      churn: 25_600_000,
      big_hold: 10_000_000,
      leak_here: 1e6,
      leak_small: 32_000,
    });
    expect(byFunction(profile, series, 1)).toMatchObject({
      churn: 200_000,
      leak_here: 1000,
      leak_small: 500,
    });
  });
});

describe("memcheck", () => {
  it("leaks of its XML", () => {
    const profile = feed(valgrindXml, fixture("valgrind-xml/leak.memcheck.xml"));
    const series = seriesOf(profile, "leaks");
    expect(byFunction(profile, series, 0)).toMatchObject({
      leak_here: 1e6,
      leak_small: 32_000,
      big_hold: 1e7,
    });
    expect(byFunction(profile, series, 1)).toMatchObject({ leak_here: 1000, leak_small: 500, big_hold: 1 });
  });

  it("leaks of its text: 139,288 bytes in 202 blocks are lost", () => {
    const profile = feed(valgrindText, fixture("valgrind-text/live_leak_check.txt"));
    const series = seriesOf(profile, "leaks");
    const bytes = byFunction(profile, series, 0);
    const blocks = byFunction(profile, series, 1);
    expect((bytes.leak_here ?? 0) + (bytes.leak_small ?? 0)).toBe(139_288);
    expect((blocks.leak_here ?? 0) + (blocks.leak_small ?? 0)).toBe(202);
    expect(bytes.big_hold).toBe(10_000_000);
    const kinds = new Set(Array.from(profile.labels.text, (text) => profile.strings[text]));
    expect(kinds).toContain("definitely lost");
    expect(kinds).toContain("still reachable");
  });

  it("records that say how much more it is than last time", () => {
    const text =
      "==7== 1,032 (+500) (1,000 direct, 32 indirect) bytes in 3 (+1) blocks are definitely lost in loss record 1 of 1\n" +
      "==7==    at 0x1: malloc (m.c:1)\n==7==    by 0x2: leak_here (leak.cpp:10)\n==7== \n";
    const profile = feed(valgrindText, bytesOf(text));
    expect(byFunction(profile, seriesOf(profile, "leaks"), 0)).toEqual({ leak_here: 1032 });
    expect(byFunction(profile, seriesOf(profile, "leaks"), 1)).toEqual({ leak_here: 3 });
  });
});

describe("helgrind and drd", () => {
  const errors = (profile: Profile): number =>
    Array.from(seriesOf(profile, "errors").values[0]?.data ?? []).reduce((sum, value) => sum + value, 0);

  it("five errors, in text as in XML", () => {
    expect(errors(feed(valgrindText, fixture("valgrind-text/order.helgrind.txt")))).toBe(5);
    expect(errors(feed(valgrindXml, fixture("valgrind-xml/order.helgrind.xml")))).toBe(5);
  });

  it("locks that were held for long, with where they were taken", () => {
    const profile = feed(valgrindText, fixture("valgrind-text/lock.drd.txt"));
    expect(profile.meta).toMatchObject({ tool: "valgrind drd", command: "/srv/demo/targets/lock 2" });
    const texts = Array.from(profile.labels.text, (text) => profile.strings[text]);
    expect(texts.some((text) => text?.startsWith("Lock on mutex 0x10c100 was held"))).toBe(true);
    expect(profile.threads.length).toBeGreaterThan(1);
  });
});

describe("sanitizers", () => {
  it("leaks of LeakSanitizer", () => {
    const profile = feed(sanitizer, fixture("sanitizer/lsan.txt"));
    const leaks = profile.series.find(({ id }) => /leak/.test(id));
    expect(leaks?.length).toBeGreaterThan(0);
  });
});
