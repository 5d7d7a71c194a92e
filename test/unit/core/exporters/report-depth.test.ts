import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import type { Exporter } from "#core/exporters/exporter.ts";
import { html } from "#core/exporters/html.ts";
import { svg } from "#core/exporters/svg.ts";
import { importProfile } from "#core/importers/index.ts";
import { strace } from "#core/importers/strace.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { hostileNames } from "../hostile-names.ts";
import { bytesOf, feed, fixture, importContext } from "../importers/importing.ts";
import { addStacks } from "../stacks-profile.ts";
import { parseXml } from "../strict-xml.ts";

const opened = (file: string): Promise<Profile> =>
  importProfile(memorySource(fixture(file)), importContext());

/** The text of all elements of a report, which is well formed, runs its own script and refers to nothing. */
function written(
  exporter: Exporter,
  profile: Profile,
  panels: readonly string[] | null = (exporter.panels ?? []).map(({ id }) => id),
  selection: Partial<Selection> = {},
): string {
  const analyst = createAnalyst();
  const chunks = exporter.write({
    profile,
    selection: { ...everything, ...selection },
    answer: (query) => analyst.answer(profile, query),
    title: "",
    widthPx: 1200,
    panels,
  });
  const text = [...chunks].map((chunk) => new TextDecoder().decode(chunk)).join("");
  const elements = parseXml(text.replace("<!DOCTYPE html>\n", ""));
  expect(elements.filter(({ name }) => name === "script").length).toBe(1);
  for (const { name, attributes } of elements) {
    expect(["foreignObject", "image", "img", "use", "iframe", "object", "link"]).not.toContain(name);
    for (const [key, value] of Object.entries(attributes)) {
      expect(key).not.toMatch(/^on/i);
      if (key.startsWith("data-") || ["content", "xmlns", "aria-label"].includes(key)) continue;
      expect(value).not.toMatch(/url\(|https?:|NaN|Infinity/);
    }
  }
  return elements
    .filter(({ name }) => name !== "script" && name !== "style")
    .map((element) => `${element.attributes["aria-label"] ?? ""} ${element.text}`)
    .join("\n");
}

describe.each([html, svg])("$id", (exporter) => {
  it("says who waited for which lock, for how long, and who held it, and what threads did", async () => {
    const text = written(exporter, await opened("perf-script/futex_dwarf.script.txt.gz"));
    expect(text).toMatch(/[\d,]+.waits, [\d.]+.s in all threads/);
    for (const words of ["waiter_fast", "holder_slow · lock/12731", "Threads over time: "])
      expect(text).toContain(words);
    const java = written(exporter, await opened("jfr/waits.jfr.gz"));
    expect(java).toMatch(/Waiting for work is left out: 10.waits/);
  });

  it("says which calls, files and peers took long, and which calls were the slowest", () => {
    const profile = feed(
      strace,
      bytesOf(
        [
          '7 1700000000.000000 openat(AT_FDCWD</srv>, "/srv/a<b>.db", O_RDONLY) = 3</srv/a<b>.db> <0.000010>',
          '7 1700000000.002000 read(3</srv/a<b>.db>, "x"..., 4096) = 100 <0.200000>',
          '8 1700000000.310000 write(5<TCP:[127.0.0.1:40000->127.0.0.1:80]>, "GET"..., 30) = 30 <0.000030>',
          "",
        ].join("\n"),
      ),
    );
    const text = written(exporter, profile);
    for (const words of [
      "3 calls, 0 failed",
      "By file.",
      "By peer.",
      "The slowest calls.",
      "200 ms",
      "127.0.0.1:80",
    ])
      expect(text.replaceAll("\u00a0", " ")).toContain(words);
  });

  it("draws what was in use, and says which places keep it", async () => {
    const text = written(exporter, await opened("heaptrack/growing.gz"), ["memory"]);
    expect(text).toMatch(/In use \(.*at first,.*at most,.*at last/);
    expect(text).toContain("Places that allocate, the most suspicious first.");
    expect(written(exporter, await opened("heapsnapshot/snapshot.heapsnapshot"), ["memory"])).toContain(
      "What fills the heap",
    );
  });

  it("says who calls what the search marks, and draws who calls whom", () => {
    const builder = new ProfileBuilder();
    addStacks(builder, [
      { stack: "main;read;malloc", weight: 3 },
      { stack: "main;write;malloc", weight: 1 },
    ]);
    const text = written(exporter, builder.build(), ["callers", "callgraph"], { search: "^malloc$" });
    expect(text).toMatch(/malloc: total 100.0.%, self 100.0.%/);
    expect(text).toMatch(/75.0.%[\s\S]*called by[\s\S]*read/);
    expect(text).toContain("Call graph: 4 functions, 4 calls");
  });

  it("has no panel of what was not recorded", () => {
    const text = written(exporter, new ProfileBuilder().build());
    for (const title of ["Locks", "I/O", "Memory and counters", "Heat map", "Call graph"])
      expect(text).not.toMatch(new RegExp(`^ ${title}$`, "m"));
  });

  it("keeps hostile names of functions, threads, counters and marks as text, in every panel", () => {
    const builder = new ProfileBuilder();
    addStacks(
      builder,
      hostileNames.map((name, i) => ({
        stack: `main;${name.replaceAll(";", ",")}`,
        weight: i + 1,
        timeNs: i * 1e8,
        tid: i,
      })),
    );
    for (const name of hostileNames) {
      for (const timeNs of [0, 1e9]) builder.counter(`c ${name}`, name, "bytes", timeNs, timeNs + 1);
    }
    const text = written(exporter, builder.build());
    expect(text).toContain("日本語の関数 🔥");
  });
});
