import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, fixture, runCli, temporaryHome } from "./built.ts";

let home: string;
beforeAll(async () => {
  await ensureBuilt();
  home = await temporaryHome();
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

const cli = (...args: string[]) => runCli(home, args);
const go = fixture("pprof/cpu.pb.gz");
const heap = fixture("pprof/heap.pb.gz");
const block = fixture("pprof/block.pb.gz");
const mutex = fixture("pprof/mutex.pb.gz");
const perf = fixture("perf-script/cpu_dwarf.script.txt");
const callgrind = fixture("callgrind/small.callgrind.gz");

/** What it printed, as a file of golden/; `-u` writes it anew: read it then. */
const reports: readonly (readonly [name: string, ...args: string[]])[] = [
  ["top", "top", go, "--limit", "8"],
  ["top-focus", "top", go, "--focus", "^sync", "--sort", "total", "--limit", "6"],
  ["top-show-from", "top", go, "--show-from", "main.caller", "--hide", "hotC"],
  ["top-binary", "top", perf, "--transform", "collapse-module", "--limit", "6"],
  ["top-value", "top", go, "--value", "samples", "--sort", "name", "--limit", "4"],
  ["top-exact", "top", callgrind, "--limit", "6"],
  ["top-range", "top", perf, "--from", "10%", "--to", "1s", "--limit", "4"],
  ["top-tagfocus", "top", heap, "--value", "alloc_space", "--tagfocus", "128kb:", "--limit", "4"],
  ["tree", "tree", go, "--min", "5"],
  ["tree-invert", "tree", go, "--invert", "--min", "5"],
  ["tree-json", "tree", go, "--transform", "focus-function:main.hotB", "--json"],
  ["timeline", "timeline", fixture("perf-script/offcpu_dwarf.script.txt"), "--bins", "30"],
  ["callers", "callers", perf, "^burn_a$"],
  ["callees", "callees", go, "^main.caller$"],
  ["callers-exact", "callers", callgrind, "^fib", "--functions", "2"],
  ["diff", "diff", block, mutex, "--by", "absolute", "--limit", "8"],
  ["diff-parts", "diff", perf, "--before-until", "1500ms", "--after-from", "1500ms", "--by", "time"],
  ["diff-tree", "diff", perf, "--before-until", "50%", "--after-from", "50%", "--as", "tree", "--hide", "^_"],
  ["diff-collapsed", "diff", block, mutex, "--by", "absolute", "--as", "collapsed", "--show", "main"],
  ["diff-json", "diff", block, mutex, "--by", "total", "--json", "--limit", "2"],
  ["diff-flame", "diff", block, mutex, "--by", "absolute", "--as", "json-flame", "--min", "30"],
  ["memory-old-objects", "memory", fixture("jfr/old-objects.jfr.gz"), "--json", "--limit", "1"],
  ["export-transformed", "export", go, "--to", "collapsed", "--focus", "main.hotB", "--prune-from", "caller"],
];

describe("reports", () => {
  test.each(reports)("%s", async (name, ...args) => {
    const { code, out } = await cli(...args);
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${name}.txt`));
  });

  test("a comparison as a picture, into a file", async () => {
    const file = join(home, "diff.svg");
    const { code, out, err } = await cli("diff", block, mutex, "--by", "absolute", "--as", "svg", "-o", file);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toContain("wrote ");
    const text = await readFile(file, "utf8");
    expect(text).toMatch(/^<\?xml[\s\S]*<\/svg>\n$/);
    expect(text).toContain("sync.(*Mutex).Unlock (new)");
    const turned = await cli(
      "diff",
      block,
      mutex,
      "--by",
      "absolute",
      "--as",
      "tree",
      "--invert",
      "--min",
      "1",
    );
    // What burns stands at the edge, who called it below.
    expect(turned.out).toMatch(/new [^\n]* {2}sync\.\(\*Mutex\)\.Unlock\n[^\n]* {4}main\./);
    const panels = ["--panels", "inverted,overweight", "-o", file];
    await cli("diff", block, mutex, "--by", "absolute", "--as", "svg", ...panels);
    expect(await readFile(file, "utf8")).toMatch(
      /data-name="sync\.\(\*Mutex\)\.Unlock \(new\)"[^>]*data-depth="1"/,
    );
  });

  test("runs of two programs: which differ beyond noise", async () => {
    const folder = join(home, "runs");
    const side = async (name: string, parse: readonly number[], extra: string): Promise<void> => {
      await mkdir(join(folder, name), { recursive: true });
      for (const [run, count] of parse.entries())
        await writeFile(
          join(folder, name, `${name}-${run}.txt`),
          `main;parse ${count}\nmain;escape ${300 + 20 * (run % 3)}\nmain;rest ${700 - count}\nmain;${extra} 20\n`,
        );
    };
    await side("a", [310, 304, 316], "old");
    await side("b", [440, 446, 434], "new");
    const { code, out, err } = await cli("diff", join(folder, "a"), "--vs", join(folder, "b"), "--json");
    expect(code).toBe(0);
    const { noise, rows, total, before } = JSON.parse(out);
    expect(noise).toBe("runs");
    expect(before.runs.length).toBe(3);
    expect(total.aboveNoise).toBe(false);
    const of = (name: string) => rows.find((row: { function: string }) => row.function === name).self;
    expect(of("parse")).toMatchObject({ aboveNoise: true, state: "grown" });
    expect(of("parse").interval[0]).toBeGreaterThan(0);
    expect(of("escape").aboveNoise).toBe(false);
    expect(of("new")).toMatchObject({ aboveNoise: true, state: "new" });
    expect(err).toMatch(/parse grew from \d\d\.\d.% to 4\d\.\d.%, beyond noise/);
    const files = ["a-0.txt", "a-1.txt"].map((name) => join(folder, "a", name));
    const few = await cli("diff", ...files, "--vs", join(folder, "b", "b-0.txt"), "--as", "overweight");
    expect(few.err).toContain("One side has a single run");
    expect(few.out.split("\n")[1]).toContain("parse");
    const page = join(home, "compare.html");
    await cli("diff", ...files, "--vs", join(folder, "b"), "--as", "html", "--notes", "a < b", "-o", page);
    expect(await readFile(page, "utf8")).toContain("<p>a &lt; b</p>");
  });

  test("a view that was copied from the workbench says the same here", async () => {
    const copied = [
      "--view",
      "flame",
      "--flip",
      "--order",
      "weight",
      "--no-map",
      "--lanes",
      "8",
      "--focus",
      "hot",
    ];
    const { code, out } = await cli("tree", go, ...copied);
    expect(code).toBe(0);
    expect(out).toBe((await cli("tree", go, "--invert", "--focus", "hot")).out);
    expect((await cli("tree", go, "--order", "weight")).code).toBe(2);
  });

  test("a report of chosen panels", async () => {
    const notes = join(home, "notes.txt");
    await writeFile(notes, "Look at <main>.\n");
    const chosen = ["--panels", "top,metadata", "--title", "T", "--notes-file", notes];
    const { code, out } = await cli("export", go, "--to", "html", ...chosen);
    expect(code).toBe(0);
    expect(out).toContain("<p>Look at &lt;main&gt;.</p>");
    expect(out).toContain('id="top"');
    expect(out).not.toContain('id="flame"');
  });

  test("one profile of a folder, or two of it", async () => {
    const folder = join(home, "two");
    await mkdir(folder);
    await copyFile(block, join(folder, "block.pb.gz"));
    await copyFile(mutex, join(folder, "mutex.pb.gz"));
    const one = await cli("tree", folder, "--member", "mutex.pb.gz");
    expect(one.out).toBe((await cli("tree", mutex)).out);
    expect(await cli("top", folder)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("[several-profiles]"),
    });
    const members = ["--before-member", "block.pb.gz", "--after-member", "mutex.pb.gz"];
    const two = await cli("diff", folder, ...members, "--by", "absolute", "--limit", "8");
    expect(two.out).toBe(await readFile(join(import.meta.dirname, "golden", "diff.txt"), "utf8"));
  });

  test("filters work in the order in which they are given", async () => {
    const rows = async (...args: string[]): Promise<number> => {
      const { out } = await cli("top", go, "--json", ...args);
      return JSON.parse(out).rows.length;
    };
    expect(await rows("--hide", "hotA", "--focus", "hotA")).toBe(0);
    expect(await rows("--focus", "hotA", "--hide", "hotA")).toBeGreaterThan(0);
  });

  test("a transform as JSON is the same as in words", async () => {
    const words = await cli("tree", go, "--json", "--transform", "merge-node:runtime.main > main.main");
    const json = await cli(
      "tree",
      go,
      "--json",
      "--transform",
      JSON.stringify({ type: "merge-node", path: ["runtime.main", "main.main"] }),
    );
    expect(words.code).toBe(0);
    expect(json.out).toBe(words.out);
  });

  test("threads and processes by number or name", async () => {
    const { out } = await cli("info", perf, "--json");
    const [thread] = JSON.parse(out).threads as { tid: number; name: string }[];
    const all = await cli("top", perf, "--json");
    const byNumber = await cli("top", perf, "--json", "--thread", String(thread?.tid));
    const byName = await cli("top", perf, "--json", "--process", thread?.name ?? "");
    expect(byNumber.out).toBe(all.out);
    expect(byName.out).toBe(all.out);
  });
});

describe("what is wrong is said", () => {
  const wrong: readonly [text: string, code: number, args: readonly string[]][] = [
    ["there is no thread", 2, ["top", perf, "--thread", "nobody"]],
    ["there is no value", 2, ["top", go, "--value", "nothing"]],
    ["need samples with times", 2, ["top", go, "--from", "1s"]],
    ["takes a time like", 2, ["top", perf, "--from", "yesterday"]],
    ["--from must be before --until", 2, ["top", perf, "--from", "2s", "--to", "1s"]],
    ["--transform takes", 2, ["top", go, "--transform", "explode:main"]],
    ["[bad-pattern]", 1, ["top", go, "--focus", "("]],
    ["[no-such-function]", 1, ["callers", go, "^nobody$"]],
    ["needs one or two files", 2, ["diff"]],
    ["say which parts", 2, ["diff", perf]],
    ["line with --before-series", 2, ["diff", go, heap]],
    ["tell how long it was recorded", 2, ["diff", block, mutex, "--by", "time"]],
    ["[not-written]", 1, ["diff", go, go, "-o", "no/such/folder/x"]],
    ["--as takes table", 2, ["diff", go, go, "--as", "sculpture"]],
    ["files on both sides of --vs", 2, ["diff", go, "--vs"]],
    ["--confidence takes", 2, ["diff", go, go, "--confidence", "3"]],
    ["go together", 2, ["diff", "--before-command", "true"]],
    ["--panels takes metadata", 2, ["export", go, "--to", "html", "--panels", "sculpture"]],
    ["could not be read", 2, ["export", go, "--to", "html", "--notes-file", "no/such/file"]],
    ["--runs needs a command", 2, ["record", "--runs", "2", "--pid", "1"]],
    ["there is no thread", 2, ["diff", perf, perf, "--after-thread", "nobody"]],
    ["needs a file and the name of a function", 2, ["callees", go]],
  ];
  test.each(wrong)("%s", async (text, code, args) => {
    const ended = await cli(...args);
    expect(ended).toMatchObject({ code, out: "", err: expect.stringContaining(text) });
  });
});

test("every flag of a question is in the help of every command that asks one", async () => {
  for (const command of ["top", "tree", "callers", "callees", "export", "diff"]) {
    const { code, out } = await cli(command, "--help");
    expect(code).toBe(0);
    for (const flag of [
      "--series",
      "--value",
      "--from",
      "--thread",
      "--process",
      "--show-from",
      "--tagfocus",
    ])
      expect(out).toContain(flag);
  }
});

describe("settings", () => {
  test("are set, kept for the next command, and taken back; a wrong value changes nothing", async () => {
    expect(await cli("settings", "set", "fontSizePx", "14")).toMatchObject({ code: 0, out: "" });
    expect(await cli("settings", "get", "fontSizePx", "--json")).toMatchObject({ code: 0, out: "14\n" });
    const wrong = await cli("settings", "set", "theme", "pink");
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("theme:");
    expect((await cli("settings", "set", "colour", "red")).err).toContain("There is theme, ");
    const { out } = await cli("settings", "--json");
    expect(JSON.parse(out)).toMatchObject({ fontSizePx: 14, theme: "system", debuginfod: false });
    await cli("settings", "unset", "fontSizePx");
    expect((await cli("settings")).out).toMatch(/^fontSizePx +13$/m);
  });

  test("units and colours are those of the command line and of reports, and never of data", async () => {
    const words = async () => (await cli("top", heap, "--limit", "1")).out;
    const json = async () => (await cli("top", heap, "--limit", "1", "--json")).out;
    const report = async () => (await cli("export", heap, "--to", "html")).out;
    const [wordsBefore, jsonBefore, reportBefore] = [await words(), await json(), await report()];
    expect([wordsBefore, reportBefore].map((text) => /MiB/.test(text))).toEqual([true, true]);
    try {
      await cli("settings", "set", "byteUnits", "decimal");
      await cli("settings", "set", "timeUnits", "milliseconds");
      await cli("settings", "set", "colours", "safe");
      expect(await words()).toMatch(/\d\sMB/u);
      expect(await json()).toBe(jsonBefore);
      const reportAfter = await report();
      expect(reportAfter).toMatch(/\d\u00a0MB/u);
      expect(reportAfter).not.toMatch(/\d\u00a0MiB/u);
      expect((await cli("top", go, "--limit", "1")).out).toMatch(/\d,\d{3}\.\d{3}\sms/u);
    } finally {
      for (const name of ["byteUnits", "timeUnits", "colours"]) await cli("settings", "unset", name);
    }
    expect(await words()).toBe(wordsBefore);
  });
});
