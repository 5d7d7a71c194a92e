import { expect, test } from "vitest";
import type { TargetFacts } from "#core/model/recording.ts";
import { perf } from "#core/profilers/perf.ts";
import { checkRuntimeNames } from "#core/profilers/shared/check-names.ts";
import { fakeFacts, fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const python = (version: string, ...flags: readonly string[]) => ({ language: "python", version, flags });
const cases: readonly (readonly [string, Partial<TargetFacts>, string, RegExp])[] = [
  ["C", { language: "c" }, "", /^$/],
  ["Go", { language: "go" }, "", /^$/],
  ["Python before trampolines", python("3.11.7"), "warn", /py-spy or austin/],
  ["Python 3.12", python("3.12.1"), "warn", /^Start it with -X perf, or record it with py-spy/],
  ["Python 3.13", python("3.13.0"), "warn", /^Start it with -X perf, or/],
  ["Python 3.12 with them", python("3.12.1", "-Xperf"), "ok", /^$/],
  ["Python 3.13 with a jitdump", python("3.13.0", "-X perf_jit"), "warn", /^Start it with -X perf, or/],
  [
    "Node",
    { language: "node", version: "20.20.2" },
    "warn",
    /--perf-basic-prof, or record it through its inspector/,
  ],
  ["Node with a map", { language: "node", flags: ["--perf_basic_prof"] }, "ok", /^$/],
  [
    "a JVM",
    { language: "java", version: "17.0.15" },
    "warn",
    /-XX:\+PreserveFramePointer, or record it with Flight/,
  ],
  ["a JVM that keeps them", { language: "java", flags: ["-XX:+PreserveFramePointer"] }, "ok", /^$/],
];
test.each(cases)("perf and the names of %s", async (_, facts, status, fix) => {
  const [check] = checkRuntimeNames(fakeFacts(facts));
  expect(check?.status ?? "").toBe(status);
  expect(check?.fix ?? "").toMatch(fix);
});

test("perf says so before it records", async () => {
  const host = fakeHost({
    targets: [fakeTarget({ pid: 77, runtime: "python" })],
    facts: fakeFacts(python("3.12.1")),
  });
  const checks = await perf.preflight(host, {
    profiler: "perf",
    target: { kind: "pid", pid: 77 },
    options: {},
    durationS: null,
    output: "",
  });
  expect(checks.find(({ id }) => id === "runtime-names")?.found).toBe(
    "It is Python 3.12.1, started without -X perf",
  );
});
