import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TargetList } from "#core/contract.ts";
import { containerOf } from "../../../../main/engine/targets/cgroup.ts";
import { createTargets } from "../../../../main/engine/targets/index.ts";
import { createProcessTable } from "../../../../main/engine/targets/process-table.ts";
import { isGoBinary, runtimeOfProgram } from "../../../../main/engine/targets/runtime.ts";
import { isGone, parseStat } from "../../../../main/engine/targets/stat.ts";
import { parsePasswd } from "../../../../main/engine/targets/users.ts";
import { needs } from "../../../needs.ts";
import { startProgram } from "../../../programs/build.ts";

const rest = (state: string, ppid: number, threads = 1): string =>
  `${state} ${ppid} 9 9 0 -1 4194304 1 0 0 0 120 30 0 0 20 0 ${threads} 0 7000 8192000 512 184467 1 1 0`;
const stats: readonly (readonly [string, string, number])[] = [
  [`12 (nginx) ${rest("S", 1)}`, "nginx", 1],
  [`12 (tmux: server) ${rest("R", 2)}`, "tmux: server", 2],
  [`12 (odd) S 1 (\nname) ${rest("S", 3)}`, "odd) S 1 (\nname", 3],
  [`12 (()) ${rest("S", 4)}`, "()", 4],
  [`12 () ${rest("S", 5)}`, "", 5],
];
test.each(stats)("stat %j", (line, comm, ppid) => {
  expect(parseStat(Buffer.from(line))).toEqual({
    comm,
    ppid,
    state: line.includes(" R ") ? "R" : "S",
    cpuTicks: 150,
    threads: 1,
    startTicks: 7000,
    rssPages: 512,
    minorFaults: 1,
    majorFaults: 0,
    childTicks: 0,
    kernelThread: false,
  });
});
test.each(["", "12 (nginx", "12 (nginx) S 1", "nonsense"])("no stat: %j", (line) => {
  expect(parseStat(Buffer.from(line))).toBeNull();
});
test("a zombie is gone, but not one whose threads still run", () => {
  const gone = (state: string, threads: number): boolean => {
    const stat = parseStat(Buffer.from(`1 (x) ${rest(state, 1, threads)}`));
    return stat !== null && isGone(stat);
  };
  expect([gone("S", 1), gone("Z", 1), gone("Z", 3), gone("X", 0)]).toEqual([false, true, false, true]);
});

const id = "3f2a91c0de443f2a91c0de443f2a91c0de443f2a91c0de443f2a91c0de44abcd";
const cgroups: readonly (readonly [string, string])[] = [
  ["0::/\n", ""],
  ["0::/init.scope\n", ""],
  ["0::/user.slice/user-1000.slice/session-2.scope\n", ""],
  [
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.x\\x2dterm.scope\n",
    "app-org.x-term.scope",
  ],
  ["0::/system.slice/nginx.service\n", "nginx.service"],
  [`0::/system.slice/docker-${id}.scope\n`, "docker 3f2a91c0de44"],
  [`12:pids:/docker/${id}\n11:cpu:/docker/${id}\n0::/\n`, "docker 3f2a91c0de44"],
  [`0::/machine.slice/libpod-${id}.scope/container\n`, "podman 3f2a91c0de44"],
  [`0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-${id}.scope\n`, "k8s 3f2a91c0de44"],
  ["0::/lxc.payload.web/system.slice/x.service\n", "lxc web"],
  ["", ""],
];
test.each(cgroups)("cgroup %j", (text, expected) => {
  expect(containerOf(text)).toBe(expected);
});

const paths: readonly (readonly [string, string | null])[] = [
  ["/usr/bin/node", "node"],
  ["/usr/bin/nodejs", "node"],
  ["/usr/bin/python3.12", "python"],
  ["/opt/pypy3/bin/pypy3", "python"],
  ["/usr/lib/jvm/bin/java", "java"],
  ["/usr/bin/ruby3.1", "ruby"],
  ["/usr/bin/node (deleted)", "node"],
  ["/usr/bin/perf", "native"],
  ["/usr/bin/vim.basic", "native"],
  ["/usr/sbin/nodelistd", null],
  ["", null],
];
test.each(paths)("runtime of %j", (path, expected) => {
  expect(runtimeOfProgram(path)).toBe(expected);
});

test("passwd", () => {
  expect([
    ...parsePasswd("root:x:0:0::/root:/bin/sh\n\nbad\nweb:x:33:33::/:/x\nalias:x:33:33::/:/x\n"),
  ]).toEqual([
    [0, "root"],
    [33, "web"],
  ]);
});

test("what is no Go binary", () => {
  const folder = mkdtempSync(join(tmpdir(), "fw-elf-"));
  const text = join(folder, "text");
  writeFileSync(text, "#!/bin/sh\n");
  const cut = join(folder, "cut");
  writeFileSync(cut, Buffer.from("7f454c46020101", "hex"));
  expect([text, cut, folder, join(folder, "missing"), process.execPath].map(isGoBinary)).toEqual(
    Array.from({ length: 5 }, () => false),
  );
});

test("an exec under the same pid shows with the next look", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fw-exec-"));
  const path = join(folder, "python3");
  copyFileSync("/bin/sleep", path);
  const child = spawn("/bin/sh", ["-c", `read x; exec ${path} 100`], { stdio: ["pipe", "ignore", "ignore"] });
  const table = createProcessTable();
  const runtime = (): string | undefined =>
    table.refresh().targets.find((target) => target.pid === child.pid)?.runtime;
  try {
    expect(runtime()).toBe("native");
    child.stdin.write("go\n");
    await expect.poll(runtime, { timeout: 5000, interval: 20 }).toBe("python");
  } finally {
    child.kill();
  }
});

needs("cc")("programs compiled here", () => {
  test("a Go binary, by the sections that the linker of Go makes", () => {
    const folder = mkdtempSync(join(tmpdir(), "fw-go-"));
    const built = (section: string): string => {
      const source = join(folder, "main.c");
      const path = join(folder, `with${section}`);
      writeFileSync(
        source,
        `__attribute__((section("${section}"), used)) static int mark = 1;\nint main(void) { return 0; }\n`,
      );
      execFileSync("cc", [source, "-o", path]);
      return path;
    };
    expect(
      [".go.buildinfo", ".note.go.buildid", ".mine"].map((section) => isGoBinary(built(section))),
    ).toEqual([true, true, false]);
  });

  test("one's own children, as they are", async () => {
    const table = createProcessTable();
    const [odd, node] = await Promise.all([startProgram("odd-name"), startProgram("idle.js")]);
    try {
      expect(table.get(odd.pid)).toMatchObject({
        pid: odd.pid,
        ppid: process.pid,
        name: "odd) S 1 (\nname",
        runtime: "native",
        own: true,
        threads: 1,
      });
      expect(table.get(node.pid)).toMatchObject({ name: "node", runtime: "node" });
      const found = table.get(node.pid);
      expect(Math.abs((found?.startedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    } finally {
      await Promise.all([odd.stop(), node.stop()]);
    }
    expect(table.get(odd.pid)).toBeNull();
    expect(table.get(2 ** 30)).toBeNull();
  });

  test("the list names a busy process with its CPU, and can be watched", async () => {
    const busy = await startProgram("split", ["0", "2"]);
    const targets = createTargets({ intervalMs: 400 });
    try {
      const of = (list: TargetList) => list.targets.find((target) => target.pid === busy.pid);
      const first = of(await targets.list());
      expect(first).toMatchObject({ name: "split", threads: 2, runtime: "native" });
      expect(first?.profilers[0]).toMatchObject({ id: "perf", recommended: true });
      let cpuPercent = 0;
      const watch = targets.watch((list) => {
        cpuPercent = of(list)?.cpuPercent ?? 0;
      });
      // Its share grows to what a loaded machine leaves it.
      await expect.poll(() => cpuPercent, { timeout: 15_000 }).toBeGreaterThan(10);
      watch.dispose();
      expect(cpuPercent).toBeLessThan(260);
    } finally {
      targets.dispose();
      await busy.stop();
    }
  });
});
