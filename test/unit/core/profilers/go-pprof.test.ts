import { describe, expect, it } from "vitest";
import { goPprof, pprofBase } from "#core/profilers/go-pprof.ts";
import { fakeFacts, fakeHost, fakeTarget } from "../../../fakes/fake-host.ts";

const facts = fakeFacts({ listens: ["0.0.0.0:8080", "127.0.0.1:6060"] });
const request = (target: { kind: "pid"; pid: number } | { kind: "endpoint"; url: string }) => ({
  profiler: "go-pprof",
  target,
  options: {},
  durationS: null,
  output: "",
});

describe("the address of a pprof endpoint", () => {
  it.each([
    ["127.0.0.1:6060", "http://127.0.0.1:6060/debug/pprof/"],
    ["http://host:1/", "http://host:1/debug/pprof/"],
    ["https://host/app/debug/pprof/profile?seconds=9", "https://host/app/debug/pprof/"],
    ["[::1]:6060", "http://[::1]:6060/debug/pprof/"],
    ["file:///etc/passwd", null],
    ["http://user:secret@host/", null],
    ["http://", null],
  ])("%s is %s", (given, base) => expect(pprofBase(given)).toBe(base));
});

describe("Go's own profiler", () => {
  it("asks every port that the process listens on", () => {
    const plan = goPprof.plan(
      request({ kind: "pid", pid: 7 }),
      { profile: "profile", update: 2 },
      { path: "", version: "", features: [] },
      7,
      facts,
    );
    expect(plan.source).toMatchObject({ type: "chunks" });
    expect(plan.source.type === "chunks" && plan.source.chunk(3)).toMatchObject({
      importer: "pprof",
      spanMs: 2000,
      step: {
        url: "http://127.0.0.1:8080/debug/pprof/profile?seconds=2",
        others: ["http://127.0.0.1:6060/debug/pprof/profile?seconds=2"],
      },
    });
  });

  it("suits a Go program that listens, and says why another one would be better off with perf", () => {
    const target = fakeTarget({ runtime: "go" });
    expect(goPprof.suits(target, facts)?.score).toBeGreaterThan(90);
    expect(goPprof.suits(target, fakeFacts())).toMatchObject({
      score: 5,
      reason: expect.stringContaining("perf"),
    });
    expect(goPprof.suits(fakeTarget(), facts)).toBeNull();
  });

  it.each([
    ["an endpoint", { "http://127.0.0.1:6060/debug/pprof/": "goroutine heap" }, "ok"],
    ["another web server", { "http://127.0.0.1:8080/debug/pprof/": "hello" }, "fail"],
    ["nothing", {}, "fail"],
  ])("finds %s behind its ports", async (_, addresses, status) => {
    const host = fakeHost({ facts, addresses, targets: [fakeTarget({ pid: 7, runtime: "go" })] });
    const checks = await goPprof.preflight(host, request({ kind: "pid", pid: 7 }));
    expect(checks.find(({ title }) => title === "The pprof endpoint")?.status).toBe(status);
  });
});
