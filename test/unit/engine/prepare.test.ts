import { describe, expect, it } from "vitest";
import type { RecordRequest } from "#core/model/recording.ts";
import type { Check, Profiler } from "#core/profilers/profiler.ts";
import { passed } from "#core/profilers/shared/checks.ts";
import { prepare } from "../../../main/engine/recorder-prepare.ts";
import { fakeHost, fakeTarget } from "../../fakes/fake-host.ts";
import { fakeProfiler } from "../../fakes/fake-profiler.ts";

const failing: Check = {
  ...passed("no-endpoint", "The endpoint", ""),
  status: "fail",
  found: "Nothing answers.",
  prevents: "It cannot be asked.",
  fix: "Open one.",
};
const profiler = (id: string, score: number, checks: readonly Check[]): Profiler => ({
  ...fakeProfiler("good"),
  id,
  title: id,
  targets: ["pid"],
  suits: () => ({ score, reason: "it is a test" }),
  detect: async () => ({ path: "", version: "1", features: [] }),
  preflight: async () => checks,
});
const request: RecordRequest = {
  profiler: "",
  target: { kind: "pid", pid: 7 },
  options: {},
  durationS: null,
  output: "",
};
const host = fakeHost({ targets: [fakeTarget({ pid: 7 })] });
const prepared = (profilers: readonly Profiler[], part: Partial<RecordRequest> = {}) =>
  prepare(host, { helper: "" }, profilers, { ...request, ...part });

describe("the profiler of a recording", () => {
  it("is the best that suits", async () => {
    const { profiler: chosen, instead } = await prepared([
      profiler("good", 50, []),
      profiler("best", 90, []),
    ]);
    expect([chosen.id, instead]).toEqual(["best", null]);
  });

  it("is the next best where the best cannot run, and says why", async () => {
    const { profiler: chosen, instead } = await prepared([
      profiler("good", 50, []),
      profiler("best", 90, [failing]),
    ]);
    expect(chosen.id).toBe("good");
    expect(instead).toMatchObject({ code: "no-endpoint", message: "Nothing answers. It cannot be asked." });
  });

  it("is none other than the one that was asked for", async () => {
    const all = [profiler("good", 50, []), profiler("best", 90, [failing])];
    await expect(prepared(all, { profiler: "best" })).rejects.toMatchObject({
      problem: { code: "no-endpoint" },
    });
  });

  it("that suits best tells what is wrong where none can run", async () => {
    const other = { ...failing, id: "other" };
    await expect(
      prepared([profiler("good", 50, [other]), profiler("best", 90, [failing])]),
    ).rejects.toMatchObject({ problem: { code: "no-endpoint" } });
  });

  it("for a question is the best that answers it, with the options that make it answer", async () => {
    const { profiler: chosen, request: own } = await prepared(
      [profiler("better", 90, []), { ...profiler("answering", 20, []), answers: { locks: {} } }],
      { profiler: "locks" },
    );
    expect([chosen.id, own.profiler]).toEqual(["answering", "answering"]);
  });

  it("for a question that nobody answers is none: the CPU is no answer to it", async () => {
    const unfit = { ...profiler("perf: locks", 20, []), answers: { locks: {} }, suits: () => null };
    await expect(prepared([profiler("cpu", 90, []), unfit], { profiler: "locks" })).rejects.toMatchObject({
      problem: { code: "no-profiler-answers" },
    });
  });

  it("for a question is another where the best would slow the target down, and says why", async () => {
    const dear: Check = { ...failing, id: "event-rate", status: "warn", found: "400,000 events a second" };
    const perf = { ...profiler("perf", 20, [dear]), answers: { locks: {} } };
    const bpf = { ...profiler("bpf", 10, []), answers: { locks: {} } };
    const cheap = await prepared([perf, bpf], { profiler: "locks" });
    expect(cheap.profiler.id).toBe("bpf");
    expect(cheap.instead?.message).toMatch(/^400,000 events a second/);
    const only = await prepared([perf], { profiler: "locks" });
    expect([only.profiler.id, only.warnings.length]).toEqual(["perf", 1]);
  });
});
