import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import type { Profile } from "#core/model/profile.ts";
import type { Transform } from "#core/model/transform.ts";
import type { WeighedTree } from "#core/model/weighed-tree.ts";
import { needs } from "../needs.ts";
import { functionsOf, joinedOf, treeOf } from "../unit/core/compared.ts";

/**
 * What `go tool pprof` reports of real profiles, and what we do, with the same filters. Where pprof differs on purpose:
 * its patterns mind the case, and -prune_from does not see what follows a bracket in a name.
 */

const fixture = (name: string): string =>
  new URL(`../fixtures/pprof/${name}.pb.gz`, import.meta.url).pathname;

const read = (name: string): Promise<Profile> =>
  importProfile(memorySource(readFileSync(fixture(name))), {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: "",
    progress: () => undefined,
  });

const pprof = (...args: readonly string[]): string =>
  execFileSync(
    "go",
    [
      "tool",
      "pprof",
      "-symbolize=none",
      "-nodecount=0",
      "-nodefraction=0",
      "-edgefraction=0",
      ...args.slice(0, -1),
      args.at(-1) ?? "",
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );

/** "1780000000ns", "0", "-12", "1.50kB" as a number of the unit that was asked for. */
const value = (text: string): number => Number.parseFloat(text);
const plainName = (text: string): string => text.trim().replace(/ \((inline|partial-inline)\)$/, "");

type Table = Record<string, readonly number[]>;
const withoutZeros = (entries: readonly (readonly [string, readonly number[]])[]): Table =>
  Object.fromEntries(entries.filter(([, values]) => values.some((each) => each !== 0)));

/** Name to flat and cum. */
function topOf(text: string): Table {
  const lines = text.slice(text.indexOf("cum%")).split("\n").slice(1);
  return withoutZeros(
    lines
      .filter((line) => line.trim() !== "")
      .map((line) => {
        const [flat = "", , , cum = "", , ...name] = line.trim().split(/\s+/);
        return [plainName(name.join(" ")), [value(flat), value(cum)]] as const;
      }),
  );
}

/** "caller > callee" to the weight of the call, from the blocks of -tree and -peek. */
function edgesOf(text: string): Table {
  const edges: [string, readonly number[]][] = [];
  for (const block of text.split(/^-+\+-+$/m).slice(2)) {
    const rows = block.split("\n").filter((line) => line.includes("|"));
    const at = rows.findIndex((line) => /\| (?! )/.test(line));
    const nameOf = (line: string): string => plainName(line.slice(line.indexOf("|") + 1));
    rows.forEach((line, row) => {
      if (row === at) return;
      const weight = value(line.trim().split(/\s+/)[0] ?? "");
      const [other, own] = [nameOf(line), nameOf(rows[at] ?? "")];
      edges.push([row < at ? `${other} > ${own}` : `${own} > ${other}`, [weight]]);
    });
  }
  return withoutZeros(edges);
}

/** Stacks, outermost first, to their weight. */
function tracesOf(text: string): Table {
  const stacks = new Map<string, number>();
  for (const block of text.split(/^-+\+-+$/m).slice(1)) {
    const lines = block.split("\n").filter((line) => line.trim() !== "" && !/^\s*[^\s:]+: {2}/.test(line));
    const first = /^\s*(\S+) {3}/.exec(lines[0] ?? "");
    if (!first) continue;
    const names = lines.map((line, i) => plainName(i === 0 ? line.slice(first[0].length) : line));
    const stack = names.toReversed().join(";");
    stacks.set(stack, (stacks.get(stack) ?? 0) + value(first[1] ?? ""));
  }
  return withoutZeros([...stacks].map(([stack, weight]) => [stack, [weight]]));
}

interface Case {
  readonly file: string;
  readonly series: string;
  readonly unit: string;
  readonly flags: readonly string[];
  readonly transforms: readonly Transform[];
}
const on = (file: string, series: string, unit: string) => ({ file, series, unit });
const cpu = on("cpu", "cpu/cpu", "ns");
const counts = on("cpu", "cpu/samples", "auto");
const space = on("heap", "alloc_space", "B");
const block = on("block", "delay/delay", "ns");
const pattern = (type: "focus" | "ignore" | "hide" | "show" | "show-from", text: string): Transform => ({
  type,
  pattern: text,
  where: "any",
});

const cases: readonly Case[] = [
  { ...cpu, flags: [], transforms: [] },
  { ...counts, flags: [], transforms: [] },
  { ...space, flags: [], transforms: [] },
  { ...block, flags: [], transforms: [] },
  { ...cpu, flags: ["-focus=hotB|sync"], transforms: [pattern("focus", "hotB|sync")] },
  { ...cpu, flags: ["-focus=main.go"], transforms: [pattern("focus", "main.go")] },
  { ...cpu, flags: ["-ignore=hotA$"], transforms: [pattern("ignore", "hotA$")] },
  {
    ...cpu,
    flags: ["-hide=^main.hot|asyncPreempt"],
    transforms: [pattern("hide", "^main.hot|asyncPreempt")],
  },
  { ...cpu, flags: ["-show=^main"], transforms: [pattern("focus", "^main"), pattern("show", "^main")] },
  { ...cpu, flags: ["-show_from=main.caller"], transforms: [pattern("show-from", "main.caller")] },
  { ...space, flags: ["-show_from=http"], transforms: [pattern("show-from", "http")] },
  { ...cpu, flags: ["-prune_from=caller"], transforms: [{ type: "prune-from", pattern: "caller" }] },
  { ...block, flags: ["-prune_from=serverH"], transforms: [{ type: "prune-from", pattern: "serverH" }] },
  { ...space, flags: ["-tagfocus=128kb:1mb"], transforms: [{ type: "tagfocus", pattern: "128kb:1mb" }] },
  { ...space, flags: ["-tagignore=:100kb"], transforms: [{ type: "tagignore", pattern: ":100kb" }] },
  {
    ...space,
    flags: ["-tagfocus=bytes=500kb:"],
    transforms: [{ type: "tagfocus", pattern: "bytes=500kb:" }],
  },
  {
    ...space,
    flags: ["-focus=http", "-hide=^runtime", "-show_from=Handler", "-tagignore=:64kb", "-prune_from=flate"],
    transforms: [
      pattern("focus", "http"),
      pattern("hide", "^runtime"),
      pattern("show-from", "Handler"),
      { type: "tagignore", pattern: ":64kb" },
      { type: "prune-from", pattern: "flate" },
    ],
  },
];

needs("go")("go tool pprof and we agree", () => {
  const seriesOf = (profile: Profile, wanted: string): string => {
    const [id = "", name = id] = wanted.split("/");
    const series = profile.series.find((each) => each.values.some((one) => one.name === name));
    return series && series.values.length > 1 ? `${series.id}/${name}` : (series?.id ?? id);
  };

  describe.each(cases)("$file $series $flags", ({ file, series, unit, flags, transforms }) => {
    const index = `-sample_index=${series.split("/").at(-1)}`;
    const report = (form: string): string => pprof(form, index, `-unit=${unit}`, ...flags, fixture(file));
    const asked = async () => {
      const profile = await read(file);
      const selection = { series: seriesOf(profile, series), transforms: [...transforms] };
      return { analyst: createAnalyst(), profile, selection };
    };

    it("on -top", async () => {
      const { analyst, profile, selection } = await asked();
      const table = analyst.answer(profile, { view: "top", selection });
      const own = Array.from(
        table.name,
        (name, i) => [table.strings[name] ?? "", [table.self[i] ?? 0, table.total[i] ?? 0]] as const,
      );
      const expected = topOf(report("-top"));
      expect(withoutZeros(own)).toEqual(expected);
    });

    it.each(["-tree", "-peek=."])("on %s", async (form) => {
      const { analyst, profile, selection } = await asked();
      const table = analyst.answer(profile, { view: "butterfly", selection, functions: 10_000 });
      const own = table.functions.flatMap((each) => [
        ...each.callers.map(({ name, value: weight }) => [`${name} > ${each.name}`, [weight]] as const),
        ...each.callees.map(({ name, value: weight }) => [`${each.name} > ${name}`, [weight]] as const),
      ]);
      expect(withoutZeros(own)).toEqual(edgesOf(report(form)));
    });

    it("on -traces", async () => {
      const { analyst, profile, selection } = await asked();
      const table = analyst.answer(profile, { view: "flame", selection, widthPx: 0, maxRows: 1e6 });
      const paths: string[] = [];
      for (let row = 0; row < table.length; row++) {
        const name = table.strings[table.name[row]] ?? "";
        paths.push(table.parent[row] === -1 ? name : `${paths[table.parent[row]]};${name}`);
      }
      const own = paths.map((path, row) => [path, [table.self[row] ?? 0]] as const);
      expect(withoutZeros(own)).toEqual(tracesOf(report("-traces")));
    });
  });

  const pairs = [
    { before: "block", after: "mutex", value: "delay", unit: "ns" },
    { before: "mutex", after: "block", value: "contentions", unit: "auto" },
  ] as const;
  describe.each(pairs)("$value of $before and $after", ({ before, after, value: name, unit }) => {
    const sideOf = async (file: string): Promise<WeighedTree> => {
      const profile = await read(file);
      return treeOf(profile, { series: seriesOf(profile, name) });
    };
    const bases: readonly (readonly [mode: "absolute" | "total", flags: readonly string[]])[] = [
      ["absolute", ["-base"]],
      ["absolute", ["-diff_base"]],
      ["total", ["-normalize", "-diff_base"]],
    ];
    it.each(bases)("%s: %s", async (mode, flags) => {
      const joined = joinedOf([await sideOf(before)], [await sideOf(after)], mode);
      const own = functionsOf(joined).map((row) => [row.name, [row.self.change, row.total.change]] as const);
      const text = pprof(
        "-top",
        `-sample_index=${name}`,
        `-unit=${unit}`,
        ...flags,
        fixture(before),
        fixture(after),
      );
      const expected = topOf(text);
      // pprof scales each sample to a whole number.
      const names = new Set([...Object.keys(expected), ...own.map(([each]) => each)]);
      const table = Object.fromEntries(own);
      for (const each of names)
        for (const column of [0, 1])
          expect
            .soft(
              Math.abs((table[each]?.[column] ?? 0) - (expected[each]?.[column] ?? 0)),
              `${each} ${column}`,
            )
            .toBeLessThanOrEqual(mode === "total" ? 100 : 0);
    });
  });
});
