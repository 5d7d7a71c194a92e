import { describe, expect, test } from "vitest";
import type { RecordRequest, TargetInfo } from "#core/model/recording.ts";
import { nodeInspector } from "#core/profilers/node-inspector.ts";
import { perf } from "#core/profilers/perf.ts";
import type { Host, Profiler } from "#core/profilers/profiler.ts";
import { passed } from "#core/profilers/shared/checks.ts";
import { elevationOffers, targetWarnings, withClearedBy } from "../../../main/engine/elevation.ts";
import { prepare, RightsMissing } from "../../../main/engine/recorder-prepare.ts";
import { fakeFacts, fakeHost, fakeTarget } from "../../fakes/fake-host.ts";

const sudo = process.getuid?.() === 0 ? "/bin/sh" : "/usr/bin/env";

/** Somebody who is not root; "sudo" is some program of root's. */
const somebody = (target: Partial<TargetInfo>, tools: Readonly<Record<string, string>> = { sudo }): Host =>
  fakeHost({
    uid: 1000,
    tools: { perf: "/usr/bin/perf", ...tools },
    files: { "/proc/sys/kernel/perf_event_paranoid": "2", "/proc/sys/kernel/kptr_restrict": "0" },
    probes: { "/usr/bin/perf --version": "perf version 6.1.187" },
    targets: [fakeTarget({ pid: 77, ...target })],
  });
const request: RecordRequest = {
  profiler: "perf",
  target: { kind: "pid", pid: 77 },
  options: {},
  durationS: null,
  output: "",
};
const others = { own: false, user: "www-data", uid: 33, runtime: "native" } as const;

async function offersFor(host: Host, profiler: Profiler = perf) {
  const checks = await withClearedBy(host, profiler, request, await profiler.preflight(host, request));
  return {
    checks,
    offers: await elevationOffers(host, { helper: "/opt/f/flamewright-elevate" }, profiler, request, checks),
  };
}

test("somebody else's process: root would clear it, and the command is said", async () => {
  const { checks, offers } = await offersFor(somebody(others));
  expect(checks.filter((check) => check.clearedBy === "root").map(({ id }) => id)).toEqual([
    "not-yours",
    "perf-event-paranoid",
  ]);
  expect(offers).toHaveLength(1);
  expect(offers[0]).toMatchObject({
    way: "sudo",
    command: expect.stringMatching(/^sudo \/opt\/f\/flamewright-elevate perf-record .* -p 77 /),
    why: expect.stringContaining("belongs to www-data"),
    warnings: [expect.stringContaining("belongs to www-data, not to you")],
  });
});

test("no way where there is neither sudo nor pkexec, and both where both are", async () => {
  expect((await offersFor(somebody(others, {}))).offers).toEqual([]);
  const both = await offersFor(somebody(others, { sudo, pkexec: sudo }));
  expect(both.offers.map(({ way }) => way)).toEqual(["sudo", "pkexec"]);
});

test("nothing is offered to root, where nothing is missing, and where root would not help", async () => {
  expect((await offersFor({ ...somebody(others), uid: 0 })).offers).toEqual([]);
  const gone: Host = { ...somebody(others), target: async () => null };
  expect((await offersFor(gone)).offers).toEqual([]);
  const fine: Profiler = { ...perf, preflight: async () => [passed("process", "The process", "yours")] };
  expect((await offersFor(somebody({}), fine)).offers).toEqual([]);
});

test("a profiler that has no part to run as root offers none", async () => {
  expect((await offersFor(somebody({ ...others, runtime: "node" }), nodeInspector)).offers).toEqual([]);
});

test("a target in a container says so", async () => {
  const warnings = await targetWarnings(somebody({ own: true, container: "docker 1a2b" }), request);
  expect(warnings).toEqual([expect.stringContaining("docker 1a2b")]);
  expect(await targetWarnings(somebody({ own: true, container: "" }), request)).toEqual([]);
});

const elsewhere = fakeFacts({ namespaces: { pid: true, mount: true, user: false } });

test("so does one that only its namespaces give away, of this user or of another", async () => {
  const own: Host = { ...somebody({ own: true, container: "" }), facts: async () => elsewhere };
  expect(await targetWarnings(own, request)).toEqual([
    expect.stringMatching(/^Process 77 \(\w+\) runs in a container/),
  ]);
  const status = (line: string): Host => {
    const host = somebody({ ...others, container: "" });
    return {
      ...host,
      readText: async (path) => (path === "/proc/77/status" ? `Name:\tx\n${line}\n` : host.readText(path)),
    };
  };
  expect(await targetWarnings(status("NSpid:\t77\t1"), request)).toEqual([
    expect.stringContaining("belongs to www-data"),
    expect.stringMatching(/^It runs in a container/),
  ]);
  expect(await targetWarnings(status("NSpid:\t77"), request)).toHaveLength(1);
});

test("of several processes each is told of", async () => {
  const host = fakeHost({
    uid: 1000,
    targets: [
      fakeTarget({ pid: 77, container: "" }),
      fakeTarget({ pid: 78, ...others }),
      fakeTarget({ pid: 79, container: "docker 1a2b" }),
    ],
  });
  const several = { ...request, target: { kind: "pid" as const, pid: 77, pids: [78, 79] } };
  expect(await targetWarnings(host, several)).toEqual([
    expect.stringContaining("Process 78"),
    expect.stringMatching(/Process 79.*docker 1a2b/),
  ]);
});

describe("preparing a recording", () => {
  const scripts = { helper: "/opt/f/flamewright-elevate" };
  const host = (): Host => ({
    ...somebody({ ...others, container: "docker 1a2b" }),
    facts: async () => elsewhere,
  });

  test("of what is in a container and another's ends before a password is asked for, with what to know of it", async () => {
    const missing = await prepare(host(), scripts, [perf], request).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(RightsMissing);
    if (!(missing instanceof RightsMissing)) return;
    expect(missing.problem.code).toBe("not-yours");
    expect(missing.offers).toEqual([
      expect.objectContaining({
        way: "sudo",
        warnings: [
          expect.stringContaining("belongs to www-data, not to you"),
          expect.stringContaining("the container or unit docker 1a2b"),
        ],
      }),
    ]);
  });

  test("goes on where it was allowed, and says what root clears", async () => {
    const prepared = await prepare(host(), scripts, [perf], { ...request, elevate: "sudo" });
    expect(prepared.cleared.map(({ id }) => id)).toEqual(["not-yours", "perf-event-paranoid"]);
  });
});
