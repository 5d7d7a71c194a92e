import { expect, test } from "vitest";
import type { OptionValues, RecordTarget } from "#core/model/recording.ts";
import { perfTrace } from "#core/profilers/perf-trace.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const pid: RecordTarget = { kind: "pid", pid: 77 };
const requestFor = (options: OptionValues = {}) => ({
  profiler: "",
  target: pid,
  options,
  durationS: null,
  output: "",
});

test.each([
  ["", {}, ["build-ids", "setpriv", "root"]],
  ["without stacks, the page cache and children", { stacks: "none", pageCache: false, children: false }, []],
] as const)("plan %s", (_, asked, features) => {
  const values = resolveOptions(perfTrace.options, asked);
  if (!values.ok) throw new Error(values.problem.message);
  const found = { path: "/usr/bin/perf", version: "6.1", features };
  const { source, importer, periodNs, stackMethod } = perfTrace.plan(requestFor(), values.value, found, 77);
  expect({ source, importer, periodNs, stackMethod }).toMatchSnapshot();
});

test.each([
  [400, {}, "ok", { stacks: "dwarf" }],
  [6000, {}, "warn", { stacks: "dwarf" }],
  [10_000, {}, "ok", { stacks: "none" }],
  [6000, { stacks: "fp" }, "ok", { stacks: "fp" }],
  [100_000, {}, "warn", { stacks: "none" }],
  [400_000, {}, "fail", undefined],
  [400_000, { anyway: true }, "warn", { stacks: "none" }],
] as const)(
  "%i calls a second, asked for %o: %s, recorded with %o",
  async (perSecond, options, status, sets) => {
    const host = fakeHost({
      uid: 0,
      tools: { perf: "/usr/bin/perf" },
      files: { "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id": "1" },
      probes: {
        "/usr/bin/perf --version": "perf version 6.1",
        "/usr/bin/perf stat --log-fd 1 -x , -e raw_syscalls:sys_enter -p 77 -- sleep 0.25": `${perSecond / 4},,raw_syscalls:sys_enter,1,100.00,,\n`,
      },
      targets: [fakeTarget({ pid: 77 })],
    });
    const checks = await perfTrace.preflight(host, requestFor(options));
    const check = checks.find(({ title }) => title === "What it costs");
    expect(check).toMatchObject({ status });
    expect(check?.sets).toEqual(sets);
    expect(check?.found).toContain("calls a second");
  },
);
