import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { exporters, findExporter } from "#core/exporters/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { hostileNames } from "../unit/core/hostile-names.ts";
import { profileOf } from "../unit/core/stacks-profile.ts";
import { parseXml } from "../unit/core/strict-xml.ts";

const text = (id: string, profile: Profile, selection: Partial<Selection> = {}): string => {
  const analyst = createAnalyst();
  const chunks = findExporter(id)?.write({
    profile,
    selection: { ...everything, ...selection },
    answer: (query) => analyst.answer(profile, query),
    title: "A <title> & more",
    widthPx: 1200,
  });
  return Buffer.concat([...(chunks ?? [])]).toString("utf8");
};

/** A strict reader of each format; throws where a reader would. */
const readers: Readonly<Record<string, (written: string) => number>> = {
  svg: (written) => parseXml(written).filter((element) => element.attributes.class === "frame").length - 1,
  collapsed: (written) => {
    const lines = written.split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) expect(line).toMatch(/^[^\r\n]+ \d+(\.\d+)?$/);
    return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(" ")))).size;
  },
  json: (written) => JSON.parse(written).nodes.length,
};

const hostile = profileOf(
  hostileNames.flatMap((name, i) => [{ stack: `main;${name.replaceAll(";", ",")}`, weight: i + 1 }]),
);
const untimed = (() => {
  const builder = new ProfileBuilder();
  const series = builder.series({
    id: "s",
    kind: "alloc",
    timed: false,
    values: [{ name: "space", unit: "bytes" }],
  });
  series.add(
    0,
    -1,
    builder.stack(-1, builder.frame({ function: builder.function({ name: builder.string("f") }) })),
    4096,
  );
  return builder.build();
})();

describe.each(exporters.map((exporter) => exporter.id))("%s", (id) => {
  it("has a reader in this test", () => expect(Object.keys(readers)).toContain(id));
  it("writes an empty profile that can be read", () =>
    expect(() => readers[id](text(id, new ProfileBuilder().build()))).not.toThrow());
  it("writes an untimed profile", () => expect(readers[id](text(id, untimed))).toBe(1));
  it("writes hostile names as text", () =>
    expect(readers[id](text(id, hostile))).toBeGreaterThan(hostileNames.length - 4));
  it("writes only what is selected", () => {
    const profile = profileOf([
      { stack: "main;a", weight: 3 },
      { stack: "main;b", weight: 5 },
    ]);
    const transforms = [{ type: "ignore" as const, pattern: "^a$" }];
    expect(text(id, profile, { transforms })).not.toMatch(/main;a |"function":"a"|data-name="a"/);
    expect(text(id, profile, { transforms })).toMatch(/main;b 5|"function":"b"|data-name="b"/);
  });
  it("writes stacks 5,000 deep", () => {
    const stack = Array.from({ length: 5000 }, (_, i) => `f${i}`).join(";");
    expect(() => readers[id](text(id, profileOf([{ stack }])))).not.toThrow();
  });
});

describe("collapsed", () => {
  it("writes a line a stack, root first, and keeps semicolons out of names", () => {
    const profile = profileOf([
      { stack: "main;a", weight: 2 },
      { stack: "main;a", weight: 3 },
      { stack: "main", weight: 1 },
    ]);
    expect(text("collapsed", profile).trim().split("\n").sort()).toEqual(["main 1", "main;a 5"]);
    expect(text("collapsed", profile, { series: "cpu/samples" }).trim().split("\n").sort()).toEqual([
      "main 1",
      "main;a 2",
    ]);
  });
});

describe("svg", () => {
  const written = text("svg", hostile);
  const elements = parseXml(written);

  it("has one script, its own, and no name in it", () => {
    const scripts = elements.filter((element) => element.name === "script");
    expect(scripts.length).toBe(1);
    expect(scripts[0]?.text).toBe(
      parseXml(text("svg", untimed)).find((element) => element.name === "script")?.text,
    );
  });

  it("refers to nothing outside, and has no foreign content or handlers", () => {
    for (const element of elements) {
      expect(["foreignObject", "image", "use", "a", "iframe"]).not.toContain(element.name);
      for (const [name, value] of Object.entries(element.attributes)) {
        expect(name).not.toMatch(/^on|href$/i);
        if (name !== "xmlns" && !name.startsWith("data-")) expect(value).not.toMatch(/url\(|https?:/);
      }
    }
  });

  it("says what was recorded", () => {
    const builder = new ProfileBuilder();
    builder.meta({
      target: "nginx 2314",
      host: "web1",
      kernel: "6.1",
      tool: "perf",
      command: "perf record -p 2314",
      periodNs: 1e9 / 99,
      lostSamples: 7,
    });
    const all = parseXml(text("svg", builder.build()))
      .map((element) => element.text)
      .join("\n");
    for (const fact of ["nginx 2314", "web1, kernel 6.1", "perf record -p 2314", "99 a second", "7 lost"])
      expect(all).toContain(fact);
  });
});
