import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exporters } from "#core/exporters/index.ts";
import { importers } from "#core/importers/index.ts";
import { perfText } from "../unit/engine/perf-text.ts";
import { cliFile, ensureBuilt, fixture, runCli, startCli, temporaryHome } from "./built.ts";

let home: string;
beforeAll(async () => {
  await ensureBuilt();
  home = await temporaryHome();
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

const cli = (...args: string[]) => runCli(home, args);
const dwarf = fixture("perf-script/cpu_dwarf.script.txt");

const json = async (...args: string[]): Promise<unknown> => {
  const { code, out, err } = await cli(...args, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
};

const keys = (value: unknown): string[] => Object.keys(value as object);

interface TopJson {
  readonly series: string;
  readonly rows: readonly {
    readonly function: string;
    readonly file: string;
    readonly line: number;
    readonly binary: string;
    readonly self: number;
    readonly total: number;
    readonly share: number;
    readonly shareLow: number | null;
    readonly shareHigh: number | null;
  }[];
}

interface InfoJson {
  readonly format: string;
  readonly tool: string;
  readonly durationNs: number;
  readonly processes: readonly object[];
  readonly threads: readonly object[];
  readonly series: readonly { readonly id: string; readonly samples: number; readonly total: number }[];
  readonly notes: readonly string[];
}

describe("info", () => {
  test("--json keeps its contract", async () => {
    const info = (await json("info", dwarf)) as InfoJson;
    expect(keys(info)).toEqual([
      "format",
      "tool",
      "command",
      "durationNs",
      "processes",
      "threads",
      "series",
      "read",
      "notes",
      "observer",
      "advice",
    ]);
    expect(info).toMatchObject({ format: "perf-script", tool: "perf" });
    expect(info.processes.map(keys)).toEqual([["pid", "name"]]);
    for (const thread of info.threads) expect(keys(thread)).toEqual(["pid", "tid", "name"]);
    for (const series of info.series)
      expect(keys(series)).toEqual(["id", "name", "unit", "samples", "total"]);
    expect(info.series[0]?.samples).toBe(297);
    expect(info.durationNs).toBeGreaterThan(2.9e9);
  });

  test("says it in words", async () => {
    const { code, out } = await cli("info", dwarf);
    expect(code).toBe(0);
    expect(out).toContain("perf-script");
    expect(out).toContain("SERIES");
    expect(out).toContain("297");
  });
});

describe("top", () => {
  test("--json keeps its contract, and gives the truth of the recording", async () => {
    const { series: all } = (await json("info", dwarf)) as InfoJson;
    const samples = all.find(({ id }) => id.endsWith("/samples"))?.id ?? "";
    const top = (await json("top", dwarf, "--series", samples)) as TopJson;
    expect(keys(top)).toEqual(["series", "unit", "total", "sampleSize", "rows"]);
    expect(top.series).toBe(samples);
    for (const row of top.rows)
      expect(keys(row)).toEqual([
        ...["function", "file", "line", "binary", "self", "total"],
        ...["share", "shareLow", "shareHigh", "totalShare", "totalShareLow", "totalShareHigh"],
      ]);
    const burn = top.rows.find((row) => row.function === "burn_a");
    expect(burn?.share).toBeCloseTo(173 / 297, 6);
    expect(burn?.shareLow).toBeCloseTo(0.5258, 3);
    expect(burn?.shareHigh).toBeCloseTo(0.6371, 3);
    const self = Object.fromEntries(top.rows.map((row) => [row.function, row.self]));
    expect(self).toMatchObject({ burn_a: 173, burn_b: 99, burn_c: 25 });
    expect(top.rows.find((row) => row.function === "main")?.total).toBe(297);
    const limited = (await json("top", dwarf, "--limit", "2")) as TopJson;
    expect(limited.rows.map((row) => row.function)).toEqual(["burn_a", "burn_b"]);
  });

  test("says it in words, with percentages", async () => {
    const { code, out, err } = await cli("top", dwarf, "--limit", "3");
    expect(code).toBe(0);
    expect(out.split("\n")[1]).toMatch(/^\s*58\.\d.%.*burn_a/);
    expect(err).toContain("297 samples");
  });

  test("says what is wrong with a series", async () => {
    const { code, out, err } = await cli("top", dwarf, "--series", "none", "--json");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("[no-such-series]");
  });
});

describe("export", () => {
  test("to collapsed: root first, one line a stack", async () => {
    const { code, out } = await cli(
      "export",
      dwarf,
      "--to",
      "collapsed",
      "--series",
      "cpu-clock:ppp/samples",
    );
    const other = await cli("export", dwarf, "--to", "collapsed");
    expect(other.code).toBe(0);
    const lines = (code === 0 ? out : other.out).trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^[^;]+(;[^;]+)* \d+(\.\d+)?$/);
    expect(lines.some((line) => /;main;.*;burn_a \d+$/.test(line))).toBe(true);
  });

  test("to a file, and to one that cannot be", async () => {
    const file = join(home, "report.svg");
    const done = await cli("export", dwarf, "--to", "svg", "-o", file);
    expect(done).toMatchObject({ code: 0, out: "" });
    expect(await readFile(file, "utf8")).toContain("<svg");
    expect(await cli("export", dwarf, "--to", "json", "-o", join(home, "no", "x"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("[no-such-folder]"),
    });
    expect(await cli("export", dwarf, "--to", "json", "-o", "/dev/null")).toMatchObject({
      code: 1,
      err: expect.stringContaining("[not-a-regular-file]"),
    });
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  test("to json is one JSON document", async () => {
    const { out } = await cli("export", dwarf, "--to", "json");
    expect(JSON.parse(out)).toMatchObject({ format: "flamewright-tree" });
  });
});

describe("list", () => {
  test("--json keeps its contract", async () => {
    const list = (await json("list")) as { pid: number; profilers: object[] }[];
    const own = list.find(({ pid }) => pid === process.pid);
    expect(keys(own)).toEqual([
      "pid",
      "ppid",
      "name",
      "command",
      "user",
      "cpuPercent",
      "rssBytes",
      "threads",
      "runtime",
      "runtimeVersion",
      "container",
      "facts",
      "profilers",
    ]);
    expect(own).toMatchObject({ runtime: "node", ppid: process.ppid });
    const looked = (await json("list", String(process.pid))) as { pid: number; facts: object }[];
    const { facts } = looked.find(({ pid }) => pid === process.pid) ?? {};
    expect(facts).toMatchObject({
      language: "node",
      version: process.versions.node,
      inspector: { state: "closed", address: "" },
      namespaces: { pid: false, mount: false, user: false },
    });
    expect(keys(facts)).toEqual([
      ...["language", "version", "executable", "flags", "build", "symbols", "debugInfo", "framePointers"],
      ...["optimised", "inspector", "listens", "namespaces", "pidInside"],
    ]);
    expect(keys(own?.profilers[0])).toEqual(["id", "recommended", "reason", "cost"]);
  });

  test("finds by words", async () => {
    const { out } = await cli("list", String(process.pid), "node");
    expect(out.split("\n")[1]).toContain(String(process.pid));
  });
});

test("doctor says what is there", async () => {
  const report = (await json("doctor")) as {
    checks: { id: string }[];
    tools: { profiler: string }[];
  };
  // What a profiler would cost some target is nothing about the machine.
  expect(report.checks.map(({ id }) => id)).not.toContain("slowdown");
  expect(report.tools.map(({ profiler }) => profiler)).toContain("node-inspector");
  expect((await cli("doctor")).out).toContain("This machine");
});

describe("calls that are wrong", () => {
  const check = (args: readonly string[], words: string): void =>
    test(`${args.join(" ") || "no words at all"}: 2`, async () => {
      const { code, out, err } = await cli(...args);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain(words);
    });
  check([], "flamewright record");
  check(["no-such"], "there is no command");
  check(["info"], "needs a file");
  check(["info", "a", "b"], "one file");
  check(["info", "a", "--no-such"], "--no-such");
  check(["top", "a", "--limit", "many"], "--limit");
  check(["top", "a", "--sort", "size"], "--sort");
  check(["export", "a"], "--to");
  check(["export", "a", "--to", "tiff"], "not tiff");
  check(["record"], "--pid");
  check(["record", "--pid", "1", "--", "true"], "one of");
  check(["record", "--pid", "x"], "--pid");
  check(["record", "sleep", "1"], "put the command after --");
  check(["record", "--call-graph", "magic", "--", "true"], "--call-graph");
  check(["record", "--duration", "0", "--pid", "1"], "--duration");
  check(["serve", "--port", "99999"], "--port");
});

describe("files that are wrong", () => {
  const check = (what: string, make: () => Promise<string>, code: string): void =>
    test(`${what}: ${code}`, async () => {
      const path = await make();
      for (const args of [["info"], ["top"], ["export", "--to", "svg"]]) {
        const ended = await cli(...args, path);
        expect(ended).toMatchObject({ code: 1, out: "" });
        expect(ended.err).toContain(`[${code}]`);
        expect(ended.err).not.toContain("at file:");
      }
    });
  const file = async (name: string, bytes: string | Uint8Array): Promise<string> => {
    await writeFile(join(home, name), bytes);
    return join(home, name);
  };
  check("none", async () => join(home, "none"), "no-such-file");
  check("a folder without profiles", async () => mkdtemp(join(home, "empty-")), "no-profiles");
  check("an empty file", () => file("empty", ""), "empty-file");
  check("a device", async () => "/dev/zero", "not-a-regular-file");
  check("garbage", () => file("garbage", new Uint8Array(5000).fill(7)), "unknown-format");
  check("a session that is cut off", () => file("cut.fwp", "FWPROFIL\u0001\0\0\0"), "damaged-session");
});

test("info of very many threads shows the busiest", async () => {
  const path = join(home, "threads.perf.txt");
  const sample = (tid: number): string =>
    `app 1/${tid} [000] 5.${String(tid % 1000).padStart(6, "0")}:  1000 cycles: \n\t14c7 main+0x37 (/srv/app)\n\n`;
  const text = Array.from({ length: 150_000 }, (_, i) => sample(i + 2));
  await writeFile(path, [...text, sample(77), sample(77)].join(""));
  const { code, out, err } = await cli("info", path);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/THREAD\n *1 +77 +3 +app\n/);
  expect(out).toContain("and 149,900 threads with less; --json has them all");
});

describe("formats", () => {
  test("--json keeps its contract: every importer and exporter", async () => {
    const formats = (await json("formats")) as { opens: { id: string }[]; writes: { id: string }[] };
    expect(keys(formats)).toEqual(["opens", "writes"]);
    expect(formats.opens.map(({ id }) => id).sort()).toEqual(importers.map(({ id }) => id).sort());
    expect(formats.writes.map(({ id }) => id)).toEqual(exporters.map(({ id }) => id));
    for (const one of formats.opens) expect(keys(one)).toEqual(["id", "title", "extensions"]);
    for (const one of formats.writes) expect(keys(one)).toEqual(["id", "title", "extension", "options"]);
  });

  test("says it in words", async () => {
    const { code, out } = await cli("formats");
    expect(code).toBe(0);
    for (const { title } of [...importers, ...exporters]) expect(out).toContain(title);
  });
});

describe("help", () => {
  test("is on stdout, with examples for every command", async () => {
    const overview = await cli("help");
    expect(overview.code).toBe(0);
    const commands = [...overview.out.matchAll(/^ {2}flamewright (\w+)/gm)].map(([, name]) => name ?? "");
    expect(commands).toEqual(
      expect.arrayContaining(["list", "record", "top", "info", "export", "open", "serve", "doctor"]),
    );
    for (const name of commands) {
      const { code, out, err } = await cli(name, "--help");
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(new RegExp(`Examples:\\n {2}flamewright ${name}`));
    }
    expect((await cli("help", "record")).out).toContain("--call-graph");
    expect((await cli("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test("a reader that goes away is no failure", async () => {
  const path = join(home, "wide.perf.txt");
  const functions = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`function_${i}`, 1]));
  await writeFile(path, perfText(functions));
  const child = spawn(
    "sh",
    ["-c", '"$0" "$1" top "$2" --limit 5000 | head -1; exit 0', process.execPath, cliFile, path],
    {
      env: { ...process.env, FLAMEWRIGHT_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let err = "";
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  expect(err).not.toMatch(/EPIPE|Error/);
});

test("names cannot act on the terminal", async () => {
  const path = join(home, "hostile.folded");
  await writeFile(path, "main;\u001b[2Jclear\u0007\u202e 5\nmain;other 3\n");
  const { out } = await cli("top", path);
  expect(out).toContain("\\x1b[2Jclear\\x07");
  expect(out).not.toContain("\u001b");
});

test("a file can be looked at where nothing can be written", async () => {
  const blocked = join(home, "a-file");
  await writeFile(blocked, "");
  const { code, out } = await runCli(home, ["info", dwarf, "--json"], {
    FLAMEWRIGHT_HOME: join(blocked, "x"),
  });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ format: "perf-script" });
});

test("serve prints an address that works, and ends on Ctrl-C", async () => {
  const server = startCli(home, ["serve", "--json"]);
  const text = await server.shows(/\}\n/);
  const { url } = JSON.parse(text.slice(text.indexOf("{"), text.indexOf("}") + 1)) as { url: string };
  const entered = await fetch(url, { redirect: "manual" });
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  const origin = new URL(url).origin;
  expect((await fetch(origin)).status).toBe(403);
  const page = await fetch(origin, { headers: { cookie } });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<div id="root">');
  server.child.kill("SIGINT");
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
});
