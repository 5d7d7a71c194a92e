import { expect, test } from "vitest";
import type { RecordTarget } from "#core/model/recording.ts";
import { nodeInspector } from "#core/profilers/node-inspector.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const requestFor = (target: RecordTarget) => ({
  profiler: "node-inspector",
  target,
  options: {},
  durationS: null,
  output: "",
});

const targets: readonly (readonly [string, RecordTarget])[] = [
  ["pid", { kind: "pid", pid: 77 }],
  ["address", { kind: "endpoint", url: "http://127.0.0.1:9229" }],
  [
    "launch",
    { kind: "launch", argv: ["node", "server.js"], cwd: "/srv", env: { NODE_OPTIONS: "--no-warnings" } },
  ],
];
test.each(targets)("plan: %s", (_, target) => {
  const values = resolveOptions(nodeInspector.options, {});
  if (!values.ok) throw new Error(values.problem.message);
  const found = { path: "", version: "", features: [] };
  const { readStderr, ...plan } = nodeInspector.plan(requestFor(target), values.value, found, 77);
  expect(plan).toMatchSnapshot();
  expect(readStderr("Debugger attached.")).toBeNull();
});

const node = fakeTarget({ pid: 77, runtime: "node", name: "node" });
const catching = { "/proc/77/status": "Name:\tnode\nSigCgt:\t0000000188004602\n" };
const deaf = { "/proc/77/status": "Name:\tnode\nSigCgt:\t0000000188004002\n" };
const cases: readonly (readonly [string, Parameters<typeof fakeHost>[0], RecordTarget, string])[] = [
  ["a Node process", { targets: [node], files: catching }, { kind: "pid", pid: 77 }, ""],
  ["one that is deaf", { targets: [node], files: deaf }, { kind: "pid", pid: 77 }, "warn inspector-signal"],
  ["not Node", { targets: [fakeTarget({ pid: 77 })] }, { kind: "pid", pid: 77 }, "fail not-node"],
  ["Deno", { targets: [fakeTarget({ pid: 77, name: "deno" })] }, { kind: "pid", pid: 77 }, "fail not-node"],
  ["someone else's", { targets: [{ ...node, own: false }] }, { kind: "pid", pid: 77 }, "fail not-yours"],
  ["gone", {}, { kind: "pid", pid: 77 }, "fail no-such-process"],
  ["an address", {}, { kind: "endpoint", url: "ws://127.0.0.1:9229/x" }, ""],
  ["no address", {}, { kind: "endpoint", url: "file:///etc/passwd" }, "fail bad-address"],
  ["the system", {}, { kind: "system" }, "fail wrong-target"],
];
test.each(cases)("preflight: %s", async (_, options, target, expected) => {
  const checks = await nodeInspector.preflight(fakeHost(options), requestFor(target));
  const bad = checks.filter((check) => check.status !== "ok");
  expect(bad.map((check) => `${check.status} ${check.id}`).join(", ")).toBe(expected);
});
