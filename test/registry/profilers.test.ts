import { describe, expect, test } from "vitest";
import { findImporter } from "#core/importers/index.ts";
import type { RecordTarget } from "#core/model/recording.ts";
import { profilers } from "#core/profilers/index.ts";
import type { TargetKind } from "#core/profilers/profiler.ts";
import { onceAProgram } from "#core/profilers/shared/once-a-program.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { fakeHost, fakeTarget } from "../fakes/fake-host.ts";

const targets: Readonly<Record<TargetKind, RecordTarget>> = {
  pid: { kind: "pid", pid: 4321 },
  launch: { kind: "launch", argv: ["./a program", "'; reboot"], cwd: "/tmp", env: { A: "1" } },
  endpoint: { kind: "endpoint", url: "http://127.0.0.1:9229" },
  system: { kind: "system" },
};
const requestFor = (profiler: string, target: RecordTarget) => ({
  profiler,
  target,
  options: {},
  durationS: null,
  output: "",
});

test("ids are unique and stable words", () => {
  const ids = profilers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
});

describe.each(profilers.map((profiler) => [profiler.id, profiler] as const))("%s", (id, profiler) => {
  test("says what it is", () => {
    expect(profiler.title).not.toBe("");
    expect(profiler.summary).toMatch(/\.$/);
    // With a figure, for whoever decides whether a program in production can bear it.
    expect(profiler.cost).toMatch(/^(Nothing: |.*\d).*\.$/);
    expect(profiler.kinds.length).toBeGreaterThan(0);
    expect(profiler.targets.length).toBeGreaterThan(0);
  });

  test("its options are valid, and so are their defaults", () => {
    const ids = profiler.options.map((option) => option.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const option of profiler.options) {
      expect(option.title).not.toBe("");
      expect(option.help).toMatch(/\.$/);
      if (option.type === "number") expect(option.min).toBeLessThan(option.max);
      if (option.type === "text")
        for (const text of [option.default, option.example, ...(option.suggestions ?? [])])
          expect(resolveOptions(profiler.options, { [option.id]: text }).ok, text).toBe(true);
    }
    expect(resolveOptions(profiler.options, {}).ok).toBe(true);
  });

  test.each(profiler.targets)("a default plan for %s", (kind) => {
    const values = resolveOptions(profiler.options, {});
    if (!values.ok) throw new Error(values.problem.message);
    const found = { path: "/usr/bin/tool", version: "1", features: [] };
    const plan = profiler.plan(requestFor(id, targets[kind]), values.value, found, 4321);
    expect(plan.commands.length).toBeGreaterThan(0);
    for (const command of plan.commands) expect(command).not.toMatch(/\n/);
    // 0: counted, not sampled.
    expect(plan.periodNs).toBeGreaterThanOrEqual(0);
    expect(plan.rawExtension).toMatch(/^[a-z0-9]+$/);
    expect(findImporter(plan.importer)?.kind).toBe("stream");
    expect(plan.launch !== null).toBe(kind === "launch");
    expect(plan.readStderr("just a line")).toBeNull();
    if (plan.source.type !== "pipeline") return;
    // No stage is a shell, and none gets words of the request but where they belong.
    for (const { argv: words } of plan.source.stages) {
      // But for this text of our own, whose words stay words.
      const argv = words[2] === onceAProgram ? words.slice(4) : words;
      expect(argv[0]).not.toMatch(/(^|\/)(ba|da|z)?sh$/);
      expect(argv).not.toContain("'; reboot");
    }
    expect(plan.source.stages[plan.source.stopStage]).toBeDefined();
  });

  test.each(Object.values(targets))("preflight on a bare machine does not throw: $kind", async (target) => {
    const checks = await profiler.preflight(fakeHost(), requestFor(id, target));
    for (const check of checks) {
      expect(check.found).not.toBe("");
      if (check.status === "ok") continue;
      expect(check.prevents).not.toBe("");
      expect(check.fix).not.toBe("");
    }
  });

  test("judges every kind of process, with a reason", () => {
    for (const runtime of ["native", "node", "python", "java", "go", "ruby", "kernel", "unknown"] as const) {
      for (const own of [true, false]) {
        const fit = profiler.suits(fakeTarget({ runtime, own }), null);
        if (fit === null) continue;
        expect(fit.score).toBeGreaterThanOrEqual(0);
        expect(fit.score).toBeLessThanOrEqual(100);
        expect(fit.reason).not.toBe("");
      }
    }
  });
});
