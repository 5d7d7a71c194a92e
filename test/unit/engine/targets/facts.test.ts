import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { TargetFacts } from "#core/model/recording.ts";
import { checkTargetQuality } from "#core/profilers/shared/check-target.ts";
import { factsOf } from "../../../../main/engine/targets/facts.ts";
import { binaryFacts } from "../../../../main/engine/targets/facts-elf.ts";
import { fakeFacts } from "../../../fakes/fake-host.ts";
import { needs } from "../../../needs.ts";
import { startProgram } from "../../../programs/build.ts";

const folder = mkdtempSync(join(tmpdir(), "flamewright-facts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const cSource = `
#include <stdlib.h>
#include <stdio.h>
__attribute__((noinline)) int leaf(int x) { return x * 7 + 1; }
__attribute__((noinline)) int middle(int x) { int y = leaf(x) + 3; return leaf(y) ^ y; }
__attribute__((noinline)) int outer(int x) { int y = middle(x) + rand(); printf("%d", y); return middle(y) + x; }
__attribute__((noinline)) int other(int x) { int y = outer(x) + rand(); return outer(y) + x; }
int main(int argc, char **argv) { (void)argv; return other(argc) + outer(argc); }
`;

function built(name: string, compiler: string, flags: readonly string[], source = cSource): string {
  const path = join(folder, name);
  const file = `${path}.${compiler === "g++" ? "cc" : compiler === "rustc" ? "rs" : "c"}`;
  writeFileSync(file, source);
  execFileSync(compiler, [...flags, file, "-o", path], { stdio: ["ignore", "ignore", "inherit"] });
  return path;
}

const has = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", 'command -v "$0"', program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const of = async (path: string): Promise<TargetFacts> => {
  const facts = await factsOf({ kind: "launch", argv: [path], cwd: "", env: {} });
  if (facts === null) throw new Error(`${path} tells nothing`);
  return facts;
};

needs("cc")("C", () => {
  const plain = ["-g", "-O2", "-fomit-frame-pointer"];
  const kept = ["-g", "-O2", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"];
  test.each<[string, readonly string[], Partial<TargetFacts>]>([
    [
      "plain",
      plain,
      { framePointers: false, symbols: "full", debugInfo: true, optimised: true, sanitizers: [] },
    ],
    ["kept", kept, { framePointers: true, symbols: "full", debugInfo: true, optimised: true }],
    ["debug", ["-g", "-O0"], { framePointers: true, optimised: false, debugInfo: true }],
    ["unsaid", ["-O0"], { framePointers: true, optimised: false, debugInfo: false }],
    ["unsaid-fast", ["-O2", "-fomit-frame-pointer"], { framePointers: false, optimised: null }],
    ["packed", [...plain, "-gz=zlib"], { optimised: true, debugInfo: true }],
    ["packed-debug", ["-g", "-O0", "-gz=zlib"], { optimised: false }],
    ["checked", [...plain, "-fsanitize=address,undefined"], { sanitizers: ["address", "undefined"] }],
    ["checked-leaks", [...plain, "-fsanitize=leak", "-s"], { sanitizers: ["leak"] }],
    ["checked-threads", [...plain, "-fsanitize=thread"], { sanitizers: ["thread"] }],
    ["bare", [...plain, "-s"], { framePointers: false, symbols: "dynamic", debugInfo: false }],
    ["bare-kept", [...kept, "-s"], { framePointers: true, symbols: "dynamic", debugInfo: false }],
  ])("%s", async (name, flags, expected) => {
    const facts = await of(built(name, "cc", flags));
    expect(facts).toMatchObject({ language: "c", ...expected });
    expect(facts.version).toMatch(/^\d+\.\d+/);
  });

  test("a debug file apart", async () => {
    const path = built("apart", "cc", [...plain, "-Wl,--build-id=none"]);
    mkdirSync(join(folder, ".debug"), { recursive: true });
    execFileSync("objcopy", ["--only-keep-debug", path, join(folder, ".debug/apart.debug")]);
    execFileSync("objcopy", [
      "-g",
      "-x",
      "--strip-all",
      `--add-gnu-debuglink=${join(folder, ".debug/apart.debug")}`,
      path,
    ]);
    expect(await of(path)).toMatchObject({ symbols: "full", debugInfo: true });
  });

  test("a file that lies survives, whatever of it does", () => {
    const path = built("victim", "cc", ["-g", "-O2"]);
    const whole = readFileSync(path);
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const sectionsAt = Number(whole.readBigUInt64LE(0x28));
    for (let round = 0; round < 150; round++) {
      const broken = Buffer.from(whole.subarray(0, round % 3 === 0 ? next(whole.length) : whole.length));
      for (let i = 0; i < 12; i++) {
        const at = i < 4 ? next(64) + (i > 0 ? 0 : 16) : sectionsAt + next(whole.length - sectionsAt);
        if (at < broken.length && at > 3) broken[at] = next(256);
      }
      const broke = join(folder, "broken");
      writeFileSync(broke, broken);
      const startedMs = performance.now();
      expect(() => binaryFacts(broke, broke)).not.toThrow();
      expect(performance.now() - startedMs).toBeLessThan(2000);
    }
  });

  test("a process, as its launch", async () => {
    const program = await startProgram("split");
    try {
      const facts = await factsOf({ kind: "pid", pid: program.pid });
      expect(facts).toMatchObject({
        language: "c",
        framePointers: true,
        symbols: "full",
        debugInfo: true,
        optimised: true,
        pidInside: program.pid,
        namespaces: { pid: false, mount: false, user: false },
      });
      expect(facts?.executable).toMatch(/\/split$/);
      expect(facts?.inspector).toBeNull();
    } finally {
      await program.stop();
    }
  });
});

describe.runIf(has("g++"))("C++", () => {
  test("is told from C", async () => {
    const source = `#include <string>\nnamespace a { __attribute__((noinline)) int f(const std::string &s) { return s.size(); } }\nint main(int n, char **v) { return a::f(std::string(v[0]) + "x") + n; }`;
    expect(await of(built("cpp", "g++", ["-O2", "-g"], source))).toMatchObject({
      language: "c++",
      optimised: true,
    });
  });
});

describe.runIf(has("rustc"))("Rust", () => {
  const source = `use std::hint::black_box;
#[inline(never)] fn leaf(x: u64) -> u64 { black_box(x).wrapping_mul(7) }
#[inline(never)] fn middle(x: u64) -> u64 { leaf(x) + leaf(x + 1) + black_box(3) }
#[inline(never)] fn outer(x: u64) -> u64 { println!("{}", middle(x)); middle(x + 1) + middle(x) }
fn main() { println!("{}", outer(std::env::args().count() as u64) + outer(2)); }`;
  test.each<[string, readonly string[], Partial<TargetFacts>]>([
    ["rust", ["-O"], { framePointers: false, optimised: null }],
    ["rust-kept", ["-O", "-Cforce-frame-pointers=yes"], { framePointers: true, optimised: null }],
    ["rust-small", ["-Copt-level=s", "-Cdebug-assertions=on"], { optimised: null }],
    ["rust-debug", ["-g"], { debugInfo: true, optimised: false }],
    ["rust-debug-v0", ["-Csymbol-mangling-version=v0"], { optimised: false }],
  ])("%s", async (name, flags, expected) => {
    const facts = await of(built(name, "rustc", flags, source));
    expect(facts).toMatchObject({ language: "rust", symbols: "full", ...expected });
    expect(facts.version).toMatch(/^1\.\d+\.\d+$/);
  });
});

describe.runIf(has("unshare") && process.getuid?.() === 0)("namespaces (needs root)", () => {
  test("a process with files and processes of its own is told, with its number there", async () => {
    const child = spawn("unshare", ["--mount", "--pid", "--fork", "sh", "-c", "echo ready; read -r line"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      const inner = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
      const facts = await factsOf({ kind: "pid", pid: inner });
      expect(facts?.namespaces).toEqual({ pid: true, mount: true, user: false });
      expect(facts?.pidInside).toBe(1);
      const [check] = checkTargetQuality(facts ?? fakeFacts()).filter(({ id }) => id === "namespaces");
      expect(check?.found).toContain("processes (it is 1 there)");
    } finally {
      child.stdin.end();
      child.kill("SIGKILL");
    }
  });
});

test("of Node, the address of an inspector that is open", async () => {
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", "-e", "setInterval(() => 0, 1000)"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const [words] = await once(child.stderr, "data");
    const address = /ws:\/\/([\d.:]+)\//.exec(String(words))?.[1];
    const facts = await factsOf({ kind: "pid", pid: child.pid ?? -1 });
    expect(facts?.listens).toEqual([address]);
    expect(facts?.flags).toEqual(["--inspect=127.0.0.1:0"]);
    expect(facts?.inspector).toEqual({ state: "open", address });
  } finally {
    child.kill("SIGKILL");
  }
});

test.each<[string, readonly string[], string]>([
  ["could be opened", [], "closed"],
  ["cannot be opened", ["--disable-sigusr1"], "unavailable"],
])("of Node, an inspector that %s", async (_, flags, state) => {
  if (flags.some((flag) => !process.allowedNodeEnvironmentFlags.has(flag))) return;
  const child = spawn(process.execPath, [...flags, "-e", "console.log(1); setInterval(() => 0, 1000)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    const facts = await factsOf({ kind: "pid", pid: child.pid ?? -1 });
    expect(facts?.inspector).toEqual({ state, address: "" });
  } finally {
    child.kill("SIGKILL");
  }
});

describe.runIf(has("go"))("Go", () => {
  test.each<[string, readonly string[], boolean]>([
    ["go", [], true],
    ["go-stripped", ["-ldflags=-s -w"], true],
    ["go-debug", ["-gcflags=all=-N -l"], false],
  ])(
    "%s",
    async (name, flags, optimised) => {
      const source = join(folder, "main.go");
      writeFileSync(source, "package main\nfunc main() { println(1) }\n");
      const path = join(folder, name);
      execFileSync("go", ["build", ...flags, "-o", path, source], { env: { ...process.env, GOFLAGS: "" } });
      const version = /go(\d\S*)/.exec(execFileSync("go", ["version"]).toString())?.[1];
      const facts = await of(path);
      expect(facts).toMatchObject({ language: "go", version, framePointers: true, optimised });
      expect(facts.build).toContain("path command-line-arguments");
      expect(facts.build.includes('-gcflags="all=-N -l"')).toBe(!optimised);
    },
    60_000,
  );
});

test("node names its version", async () => {
  expect(await factsOf({ kind: "pid", pid: process.pid })).toMatchObject({
    language: "node",
    version: process.versions.node,
  });
});

test("a launch's switches, and what a script runs with", async () => {
  const launch = (argv: string[], env = {}) => factsOf({ kind: "launch", argv, cwd: folder, env });
  const node = await launch([process.execPath, "--perf-basic-prof", "-r", "./x.js", "app.js", "--mine"], {
    NODE_OPTIONS: "--inspect=0",
  });
  expect(node?.flags).toEqual(["--inspect=0", "--perf-basic-prof", "-r ./x.js"]);
  symlinkSync(process.execPath, join(folder, "node"));
  writeFileSync(join(folder, "script"), `#!/usr/bin/env node\n`, { mode: 0o755 });
  expect(await launch(["./script"], { PATH: folder })).toMatchObject({
    language: "node",
    version: process.versions.node,
  });
  expect(await launch(["no-such-program-here"])).toBeNull();
  expect(await launch([folder])).toBeNull();
});

describe.runIf(has("java"))("Java", () => {
  test("has its version beside it", async () => {
    const facts = await factsOf({
      kind: "launch",
      argv: ["java", "-Xmx32m", "-cp", "x", "Main", "-X"],
      cwd: "",
      env: {},
    });
    expect(facts?.version).toMatch(/^\d+(\.\d+)*$/);
    expect(facts).toMatchObject({ language: "java", flags: ["-Xmx32m", "-cp x"] });
  });
});

describe.runIf(has("python3"))("Python", () => {
  test("has its version among its texts", async () => {
    const [path = "", version = ""] = execFileSync("python3", [
      "-c",
      "import os,sys,platform; print(os.path.realpath(sys.executable)); print(platform.python_version())",
    ])
      .toString()
      .trim()
      .split("\n");
    expect(await of(path)).toMatchObject({ language: "python", version });
  });
});
