import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import type { ObserverCost } from "#core/model/recording.ts";
import { groups } from "../../../main/engine/exec/process-groups.ts";
import { type Observer, startObserver } from "../../../main/engine/observer-cost.ts";

/** Burns so much CPU, says so, and waits. */
const burner = (ms: number): string =>
  `const used = () => { const { user, system } = process.cpuUsage(); return user + system; }; const end = used() + ${ms * 1000}; while (used() < end); console.log("done"); process.stdin.resume();`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function start(role: "tool" | "program", argv: readonly string[]): ReturnType<typeof spawn> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
  const { pid = -1 } = child;
  groups.add(pid, role);
  const ended = once(child, "exit").then(() => groups.remove(pid));
  cleanups.push(() => {
    child.kill("SIGKILL");
    return ended;
  });
  return child;
}

function observed(): { readonly observer: Observer; readonly told: ObserverCost[] } {
  const told: ObserverCost[] = [];
  const observer = startObserver({ changed: (cost) => told.push(cost), intervalMs: 20 });
  cleanups.push(() => observer.dispose());
  return { observer, told };
}

/** Seconds of CPU that a percentage of a core stands for. */
const secondsOf = (percent: number | null, sinceMs: number): number =>
  ((percent ?? -1) * (performance.now() - sinceMs)) / 1e5;

function usedUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

test("a tool's CPU counts while it runs and after it has ended, its children's too", async () => {
  const startedMs = performance.now();
  const { observer } = observed();
  const child = start("tool", [
    "/bin/sh",
    "-c",
    `"$0" -e '${burner(300)}' </dev/null | cat; read line`,
    process.execPath,
  ]);
  await once(child.stdout ?? child, "data");
  child.stdin?.end("\n");
  await once(child, "exit");
  observer.dispose();
  const used = secondsOf(observer.mean().profilerPercent, startedMs);
  expect(used).toBeGreaterThan(0.25);
  expect(used).toBeLessThan(1);
});

test("what is recorded does not count, not even when it ends", async () => {
  const { observer } = observed();
  start("tool", ["/bin/cat"]);
  const program = start("program", [process.execPath, "-e", burner(400)]);
  await once(program.stdout ?? program, "data");
  program.stdin?.end();
  await once(program, "exit");
  observer.dispose();
  expect(observer.mean().profilerPercent).toBeLessThan(10);
});

test("the workbench's own CPU counts, and a profiler without a process has none", async () => {
  const startedMs = performance.now();
  const { observer, told } = observed();
  const before = usedUs();
  while (usedUs() < before + 200_000);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  observer.dispose();
  const cost = observer.mean();
  expect(cost.profilerPercent).toBeNull();
  expect(secondsOf(cost.workbenchPercent, startedMs)).toBeGreaterThan(0.15);
});

test("a reading costs next to nothing", () => {
  const { observer } = observed();
  for (let i = 0; i < 4; i++) start("tool", ["/bin/cat"]);
  const before = usedUs();
  const readings = 50;
  // Each `dispose` takes one.
  for (let i = 0; i < readings; i++) observer.dispose();
  // At one a second, 0.1 % of a core is a millisecond.
  expect((usedUs() - before) / readings).toBeLessThan(1000);
});
