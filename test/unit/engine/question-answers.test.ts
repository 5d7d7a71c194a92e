import { expect, test } from "vitest";
import type { Recipe } from "#core/contract.ts";
import type { Check } from "#core/profilers/profiler.ts";
import { answersOf } from "../../../main/engine/question-answers.ts";

const check = (part: Partial<Check>): Check => ({
  id: "event-rate",
  title: "What it costs",
  status: "ok",
  found: "900 events a second: 0.9 % of one CPU",
  prevents: "",
  fix: "",
  consequence: "",
  ...part,
});
const recipe = (
  profiler: string,
  checks: readonly Check[] = [],
  problem: Recipe["problem"] = null,
): Recipe => ({
  ...{
    profiler,
    title: profiler,
    recommended: false,
    reason: "",
    version: "1",
    cost: "",
    checks,
    commands: [],
    problem,
  },
});
const many = "1,000,000 events a second: 1,000 % of one CPU";
const missing = { code: "tool-missing", message: "perf is not on PATH.", fix: "" };

const cheap = recipe("perf-locks", [check({})]);
const dear = recipe("perf-locks", [check({ status: "warn", found: many })]);
const tooMany = recipe("perf-locks", [check({ id: "too-many-events", status: "fail", found: many })]);
const asRoot = recipe("perf-locks", [check({ id: "rights", status: "fail", clearedBy: "root" })]);
const gone = recipe("perf-locks", [], missing);
const bpf = recipe("bpftrace-locks");
const blocked = recipe("bpftrace-locks", [check({ id: "bpf-refused", status: "fail", found: "No." })]);

test.each<readonly [string, readonly Recipe[], string, string]>([
  ["the best", [cheap, bpf], "perf-locks", "perf-locks is: 900 events a second: 0.9 % of one CPU."],
  ["another where the best is dear", [dear, bpf], "bpftrace-locks", `perf-locks is not taken: ${many}.`],
  ["another where the best refuses", [tooMany, bpf], "bpftrace-locks", `perf-locks is not taken: ${many}.`],
  ["the dear one where nothing else works", [dear, blocked], "perf-locks", `perf-locks is: ${many}.`],
  ["one that needs root's rights", [asRoot, bpf], "perf-locks", ""],
  ["one whose tool is there", [gone, bpf], "bpftrace-locks", "perf-locks is not taken: perf is not on PATH."],
])("which locks: %s", (_, recipes, profiler, why) => {
  const answers = [...answersOf([recipe("perf"), ...recipes])];
  expect(answers).toEqual([[profiler, [{ question: "locks", options: {}, why }]]]);
});

test("nobody answers where nothing works, and one may answer several with other options", () => {
  expect(answersOf([recipe("perf"), gone, blocked]).size).toBe(0);
  expect(answersOf([recipe("go-pprof")]).get("go-pprof")).toEqual([
    { question: "locks", options: { profile: "mutex" }, why: "" },
    { question: "waiting", options: { profile: "block" }, why: "" },
  ]);
});
