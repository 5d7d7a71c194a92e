import { expect, test } from "vitest";
import type { RecordTarget } from "#core/model/recording.ts";
import { perfBlock } from "#core/profilers/perf-block.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";

test.each([
  ["of the whole machine", { kind: "system" }, {}, ["build-ids", "setpriv", "root"]],
  ["beside a process, without stacks", { kind: "pid", pid: 77 }, { stacks: "none" }, []],
] as const)("plan %s", (_, target, asked, features) => {
  const values = resolveOptions(perfBlock.options, asked);
  if (!values.ok) throw new Error(values.problem.message);
  const request = {
    profiler: "",
    target: target satisfies RecordTarget,
    options: asked,
    durationS: null,
    output: "",
  };
  const found = { path: "/usr/bin/perf", version: "6.1", features };
  const { source, importer, stackMethod, blockDevices } = perfBlock.plan(request, values.value, found, 77);
  expect({ source, importer, stackMethod, blockDevices }).toMatchSnapshot();
});
