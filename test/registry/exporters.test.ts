import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProtobufReader } from "#core/bytes/protobuf.ts";
import { exporters, findExporter } from "#core/exporters/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { hostileNames } from "../unit/core/hostile-names.ts";
import { profileOf } from "../unit/core/stacks-profile.ts";
import { parseXml } from "../unit/core/strict-xml.ts";

const bytes = (id: string, profile: Profile, selection: Partial<Selection> = {}): Uint8Array => {
  const analyst = createAnalyst();
  const chunks = findExporter(id)?.write({
    profile,
    selection: { ...everything, ...selection },
    answer: (query) => analyst.answer(profile, query),
    title: "A <title> & more",
    widthPx: 1200,
  });
  return new Uint8Array(Buffer.concat([...(chunks ?? [])]));
};
const text = (id: string, profile: Profile, selection: Partial<Selection> = {}): string =>
  Buffer.from(bytes(id, profile, selection)).toString("utf8");

/** A strict reader of each format, by what it says how many stacks or functions there are; throws where a reader would. */
const readers: Readonly<Record<string, (written: string, raw: Uint8Array) => number>> = {
  svg: (written) => parseXml(written).filter((element) => element.attributes.class === "frame").length - 1,
  html: (written) => {
    expect(written.startsWith("<!DOCTYPE html>\n")).toBe(true);
    const elements = parseXml(written.slice("<!DOCTYPE html>\n".length));
    return elements.filter(({ name, attributes }) => name === "td" && attributes.class === "where").length;
  },
  collapsed: (written) => {
    const lines = written.split("\n");
    expect(lines.pop()).toBe("");
    for (const line of lines) expect(line).toMatch(/^[^\r\n]+ \d+(\.\d+)?$/);
    return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(" ")))).size;
  },
  // Go's own reader has it in test/real, ours in the round trips.
  pprof: (_, raw) => {
    const reader = new ProtobufReader(raw);
    const fields: number[] = [];
    while (reader.next()) {
      fields.push(reader.field);
      reader.skip();
    }
    expect(reader.at).toBe(raw.length);
    expect(fields).toContain(1);
    return fields.filter((field) => field === 5).length;
  },
  speedscope: (written) => {
    const { shared, profiles } = JSON.parse(written);
    for (const { samples, weights, endValue } of profiles) {
      expect(weights.length).toBe(samples.length);
      expect(endValue).toBe(weights.reduce((sum: number, each: number) => sum + each, 0));
      for (const stack of samples) for (const frame of stack) expect(shared.frames[frame]).toBeDefined();
    }
    return shared.frames.length;
  },
  firefox: (written) => {
    const { meta, threads } = JSON.parse(written);
    expect(meta.categories.some(({ color }: { color: string }) => color === "grey")).toBe(true);
    expect(threads.length).toBeGreaterThan(0);
    for (const thread of threads) {
      for (const table of ["samples", "markers", "stackTable", "frameTable", "funcTable", "resourceTable"])
        for (const column of Object.values(thread[table]).filter(Array.isArray))
          expect(column.length).toBe(thread[table].length);
      const { stackTable, frameTable, funcTable, stringArray, samples } = thread;
      for (const stack of samples.stack) if (stack !== null) expect(stack).toBeLessThan(stackTable.length);
      stackTable.prefix.forEach((prefix: number | null, i: number) => {
        if (prefix !== null) expect(prefix).toBeLessThan(i);
      });
      for (const func of frameTable.func) expect(func).toBeLessThan(funcTable.length);
      for (const name of funcTable.name) expect(typeof stringArray[name]).toBe("string");
    }
    return threads[0].funcTable.length;
  },
  "d3-flame": (written) => {
    let count = -1;
    const waiting = [JSON.parse(written)];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      count++;
      const inside = node.children.reduce((sum: number, child: { value: number }) => sum + child.value, 0);
      expect(inside).toBeLessThanOrEqual(node.value);
      expect(typeof node.name).toBe("string");
      waiting.push(...node.children);
    }
    return count;
  },
  dot: (written) => {
    const string = String.raw`"(?:[^"\\\n]|\\.)*"`;
    const value = String.raw`(?:${string}|[\w.]+)`;
    const attributes = String.raw`\[\w+=${value}(?:, \w+=${value})*\]`;
    const statement = new RegExp(
      `^  (?:rankdir=TB|label=${string}|(?:node|edge|n\\d+|n\\d+ -> n\\d+) ${attributes});$`,
    );
    const lines = written.trimEnd().split("\n");
    expect(lines[0]).toMatch(new RegExp(`^digraph ${string} \\{$`));
    expect(lines.at(-1)).toBe("}");
    for (const line of lines.slice(1, -1)) expect(line).toMatch(statement);
    return lines.filter((line) => /^ {2}n\d+ \[/.test(line)).length;
  },
  csv: (written) => {
    const records = parseCsv(written);
    for (const record of records) expect(record.length).toBe(records[0]?.length);
    return records.length - 1;
  },
  json: (written) => JSON.parse(written).nodes.length,
};

/** RFC 4180, all fields quoted. */
function parseCsv(written: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < written.length) {
    const fields: string[] = [];
    for (;;) {
      expect(written[at]).toBe('"');
      const start = ++at;
      while (written[at] !== '"' || written[at + 1] === '"') at += written[at] === '"' ? 2 : 1;
      fields.push(written.slice(start, at++).replaceAll('""', '"'));
      if (written[at] !== ",") break;
      at++;
    }
    expect(written.slice(at, at + 2)).toBe("\r\n");
    at += 2;
    records.push(fields);
  }
  return records;
}

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

const read = (id: string, profile: Profile): number => {
  const raw = bytes(id, profile);
  return readers[id](Buffer.from(raw).toString("utf8"), raw);
};

describe.each(exporters.map((exporter) => exporter.id))("%s", (id) => {
  it("has a reader in this test", () => expect(Object.keys(readers)).toContain(id));
  it("writes an empty profile that can be read", () =>
    expect(() => read(id, new ProfileBuilder().build())).not.toThrow());
  it("writes an untimed profile", () => expect(read(id, untimed)).toBe(1));
  it("writes hostile names as text", () =>
    expect(read(id, hostile)).toBeGreaterThan(hostileNames.length - 4));
  it("writes only what is selected", () => {
    const profile = profileOf([
      { stack: "program;taken_out", weight: 3 },
      { stack: "program;left_in", weight: 5 },
    ]);
    const written = text(id, profile, { transforms: [{ type: "ignore", pattern: "^taken_out$" }] });
    expect(written).not.toMatch(/taken_out(?!\$)/);
    expect(written).toContain("left_in");
  });
  it("writes stacks 5,000 deep", () => {
    const stack = Array.from({ length: 5000 }, (_, i) => `f${i}`).join(";");
    expect(() => read(id, profileOf([{ stack }]))).not.toThrow();
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

describe("csv", () => {
  it("keeps texts exactly as they are", () => {
    const name = '=1+1,"two"\nlines';
    const [head, row] = parseCsv(text("csv", profileOf([{ stack: name, weight: 7 }])));
    const field = (column: string): string | undefined => row?.[head?.indexOf(column) ?? -1];
    expect([field("function"), field("self"), field("unit")]).toEqual([name, "7", "nanoseconds"]);
  });
});

describe("html", () => {
  const elementsOf = (profile: Profile) => parseXml(text("html", profile).slice("<!DOCTYPE html>\n".length));
  const elements = elementsOf(hostile);

  it("runs its own script and no other, by its hash", () => {
    const scripts = elements.filter(({ name }) => name === "script");
    expect(scripts.length).toBe(1);
    const script = /<script>([\s\S]*)<\/script>/.exec(text("html", hostile))?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy");
    expect(policy?.attributes.content).toContain(`default-src 'none'`);
    expect(policy?.attributes.content).toContain(`script-src 'sha256-${hash}'`);
  });

  it("refers to nothing outside, and has no foreign content or handlers", () => {
    for (const { name, attributes } of elements) {
      expect(["foreignObject", "image", "img", "use", "iframe", "object", "link"]).not.toContain(name);
      for (const [key, value] of Object.entries(attributes)) {
        expect(key).not.toMatch(/^on/i);
        if (key === "href") expect(value).toMatch(/^#[a-z]+$/);
        if (!key.startsWith("data-") && key !== "content") expect(value).not.toMatch(/url\(|https?:/);
      }
    }
  });

  it("has its tables for who cannot see the graph", () => {
    const tables = elements.filter(({ name }) => name === "table");
    expect(tables.length).toBe(2);
    expect(elements.filter(({ name }) => name === "caption").length).toBe(2);
    for (const head of elements.filter(({ name }) => name === "th"))
      expect(head.attributes.scope).toBe("col");
    for (const { attributes } of elements.filter(({ name }) => name === "svg"))
      expect(attributes["aria-label"]).not.toBe("");
  });

  it("says what was cut, and shows the heaviest", () => {
    const many = profileOf(Array.from({ length: 700 }, (_, i) => ({ stack: `main;f${i}`, weight: i + 1 })));
    const captions = elementsOf(many).filter(({ name }) => name === "caption");
    expect(captions[0]?.text).toBe("The 500 functions with the most self weight, of 701.");
    expect(text("html", many)).toContain(">f699<");
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
