import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { needs } from "../needs.ts";

/** Costs of formats that count them, as their own tools print them. */

const fixture = (name: string): string => new URL(`../fixtures/${name}`, import.meta.url).pathname;

async function topOf(path: string, series: string) {
  const profile = await importProfile(memorySource(readFileSync(path)), {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });
  const table = createAnalyst().answer(profile, { view: "top", selection: { series } });
  return Array.from({ length: table.length }, (_, row) => ({
    name: table.strings[table.name[row]] ?? "",
    file: table.strings[table.file[row]] ?? "",
    self: table.self[row] ?? 0,
    total: table.total[row] ?? 0,
    calls: table.calls?.[row] ?? Number.NaN,
    primitiveCalls: table.primitiveCalls?.[row] ?? Number.NaN,
  }));
}

const folder = mkdtempSync(join(tmpdir(), "flamewright-exact-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

needs("callgrind_annotate")("callgrind_annotate and we agree", () => {
  /** "cost file:function" of every line below the heads. */
  const annotated = (file: string, event: string, inclusive: boolean): string[] => {
    const plain = join(folder, "callgrind.out");
    const bytes = readFileSync(file);
    writeFileSync(plain, file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
    const text = execFileSync(
      "callgrind_annotate",
      [
        `--inclusive=${inclusive ? "yes" : "no"}`,
        "--threshold=100",
        "--show-percs=no",
        "--auto=no",
        `--show=${event}`,
        `--sort=${event}`,
        plain,
      ],
      { encoding: "utf8" },
    );
    return text
      .slice(text.indexOf("file:function"))
      .split("\n")
      .flatMap((line) => {
        const match = /^\s*([\d,]+)\s+(\S.*?)(?: \[[^\]]*\])?$/.exec(line);
        return match ? [`${match[1].replaceAll(",", "")} ${match[2]}`] : [];
      })
      .sort();
  };

  const cases = ["callgrind/small.callgrind.gz", "callgrind/cpu-part-2.callgrind"].flatMap((file) =>
    ["Ir", "Dr"].map((event) => ({ file, event })),
  );
  it.each(cases)("on $event of $file", async ({ file, event }) => {
    const path = fixture(file);
    if (!eventsOf(path).includes(event)) return;
    const rows = await topOf(path, eventsOf(path).length === 1 ? "" : `Ir/${event}`);
    // callgrind_annotate takes the cost of a call that was begun in an earlier part ("calls=0") for the caller's own.
    for (const inclusive of file.includes("-part-") ? [true] : [false, true]) {
      const own = rows.map(
        ({ name, file: source, self, total }) => `${inclusive ? total : self} ${source || "???"}:${name}`,
      );
      const expected = annotated(path, event, inclusive);
      expect(expected.length).toBeGreaterThan(5);
      expect(expected.filter((line) => !own.includes(line))).toEqual([]);
    }
  });
});

function eventsOf(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  return (/^events: (.*)$/m.exec(text)?.[1] ?? "").trim().split(/\s+/);
}

needs("python3")("pstats and we agree", () => {
  const script = `
import json, pstats, sys
stats = pstats.Stats(sys.argv[1]).stats
print(json.dumps([[name, nc, cc, round(tt * 1e9), round(ct * 1e9)] for (_, _, name), (cc, nc, tt, ct, _) in stats.items()]))
`;
  it.each(["pstats/demo.prof", "pstats/hot.prof"])("on %s", async (file) => {
    const path = fixture(file);
    const expected: [string, number, number, number, number][] = JSON.parse(
      execFileSync("python3", ["-c", script, path], { encoding: "utf8" }),
    );
    const own = (await topOf(path, "")).map((row) => [
      row.name,
      row.calls,
      row.primitiveCalls,
      Math.round(row.self),
      Math.round(row.total),
    ]);
    const sorted = (rows: readonly (readonly (string | number)[])[]): string[] =>
      rows.map((row) => row.join(" ")).sort();
    expect(sorted(own)).toEqual(sorted(expected));
  });
});
