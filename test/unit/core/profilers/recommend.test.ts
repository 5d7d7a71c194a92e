import { expect, test } from "vitest";
import type { RecordTarget, TargetInfo } from "#core/model/recording.ts";
import { findProfiler, recommend, recommendFor } from "#core/profilers/index.ts";
import { nodeInspector } from "#core/profilers/node-inspector.ts";
import { perf } from "#core/profilers/perf.ts";
import type { OptionSpec } from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { fakeTarget } from "../../../fakes/fake-host.ts";

/** Two of them: how well each of the others fits is its own test's matter. */
const among = [perf, nodeInspector];

const processes: readonly (readonly [Partial<TargetInfo>, string])[] = [
  [{ runtime: "native" }, "perf"],
  [{ runtime: "go" }, "perf"],
  [{ runtime: "node" }, "node-inspector perf"],
  [{ runtime: "python" }, "perf"],
  [{ runtime: "unknown" }, "perf"],
  [{ runtime: "kernel" }, ""],
  [{ runtime: "node", own: false }, "perf node-inspector"],
];
test.each(processes)("%o: %s", (part, expected) => {
  const found = recommend(fakeTarget(part), null, among);
  expect(found.map(({ id }) => id).join(" ")).toBe(expected);
  expect(found.filter(({ recommended }) => recommended)).toHaveLength(expected === "" ? 0 : 1);
  for (const { reason } of found) expect(reason).not.toBe("");
});

const others: readonly (readonly [RecordTarget, string])[] = [
  [{ kind: "launch", argv: ["/usr/bin/node", "x.js"], cwd: "", env: {} }, "node-inspector perf"],
  [{ kind: "launch", argv: ["./server"], cwd: "", env: {} }, "perf"],
  [{ kind: "launch", argv: ["python3.12", "x.py"], cwd: "", env: {} }, "perf"],
  [{ kind: "endpoint", url: "http://127.0.0.1:9229" }, "node-inspector"],
  [{ kind: "system" }, "perf"],
];
test.each(others)("%o: %s", (target, expected) => {
  expect(
    recommendFor(target, null, null, among)
      .map(({ id }) => id)
      .join(" "),
  ).toBe(expected);
});

test("profilers are found by id", () => {
  expect(findProfiler("perf")?.title).toBe("perf");
  expect(findProfiler("nonsense")).toBeUndefined();
});

const specs: readonly OptionSpec[] = [
  { id: "rate", title: "", help: "", type: "number", default: 99, min: 1, max: 1000, unit: "Hz" },
  { id: "how", title: "", help: "", type: "choice", default: "a", choices: [{ value: "a", title: "A" }] },
  { id: "on", title: "", help: "", type: "flag", default: true },
];
const options: readonly (readonly [Record<string, string | number | boolean>, unknown])[] = [
  [{}, { rate: 99, how: "a", on: true }],
  [
    { rate: 5, on: false },
    { rate: 5, how: "a", on: false },
  ],
  [{ rate: 0 }, "bad-option"],
  [{ rate: Number.NaN }, "bad-option"],
  [{ rate: "99" }, "bad-option"],
  [{ how: "b" }, "bad-option"],
  [{ on: "yes" }, "bad-option"],
  [{ toString: 1 }, "bad-option"],
  [{ extra: 1 }, "bad-option"],
];
test.each(options)("options %o", (asked, expected) => {
  const resolved = resolveOptions(specs, asked);
  expect(resolved.ok ? resolved.value : resolved.problem.code).toEqual(expected);
});
