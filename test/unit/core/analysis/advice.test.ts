import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { FunctionKind, Profile, ProfileMeta } from "#core/model/profile.ts";

const idsOf = (profile: Profile): readonly string[] =>
  createAnalyst()
    .answer(profile, { view: "advice" })
    .findings.map(({ id }) => id);

interface Made {
  readonly stacks: readonly (readonly [stack: string, samples: number])[];
  readonly meta?: Partial<ProfileMeta>;
  readonly kind?: FunctionKind;
  readonly binary?: string;
  readonly durationNs?: number;
}

/** A profile of so many samples of each stack, evenly over ten seconds of 99 Hz. */
function made({ stacks, meta = {}, kind = "native", binary = "", durationNs = 10e9 }: Made): Profile {
  const out = new ProfileBuilder();
  out.meta({ format: "perf-script", stackMethod: "fp", periodNs: 1e9 / 99, ...meta });
  const series = out.series({
    id: "cpu-clock",
    kind: "cpu",
    timed: true,
    values: [{ name: "samples", unit: "samples", counted: true }],
  });
  const own = binary === "" ? NONE : out.binary(binary);
  for (const [names, samples] of stacks) {
    let stack: number = NONE;
    for (const name of names.split(";"))
      stack = out.stack(
        stack,
        out.frame({ function: out.function({ name: out.string(name), kind, binary: own }) }),
      );
    for (let i = 0; i < samples; i++) series.add(out.seen((i / samples) * durationNs), NONE, stack);
  }
  out.seen(durationNs);
  return out.snapshot();
}
const good = "_start;main;work;burn";

describe("advice", () => {
  it("has nothing to say of a good profile", () =>
    expect(idsOf(made({ stacks: [[good, 990]] }))).toEqual([]));

  it.each<readonly [string, Made, string]>([
    ["of a program without load", { stacks: [[good, 30]] }, "idle-target"],
    [
      "of stacks of two frames",
      {
        stacks: [
          ["burn", 400],
          ["x;burn", 100],
          [good, 490],
        ],
      },
      "no-frame-pointers",
    ],
    [
      "of addresses without names",
      {
        stacks: [
          ["_start;main;0x7f12ab", 200],
          [good, 790],
        ],
      },
      "no-names",
    ],
    ["of lost samples", { stacks: [[good, 990]], meta: { lostSamples: 50 } }, "lost-samples"],
    [
      "of accessors that take time",
      {
        stacks: [
          ["_start;main;std::vector<int, std::allocator<int> >::operator[](unsigned long)", 300],
          [good, 690],
        ],
      },
      "debug-build",
    ],
    [
      "of a collector at work",
      {
        stacks: [
          ["runtime.mstart;runtime.gcBgMarkWorker;runtime.gcDrain;runtime.scanobject", 200],
          [good, 790],
        ],
        kind: "go",
      },
      "garbage-collection",
    ],
    [
      "of the profiler's own work",
      {
        stacks: [
          [`${good};perf_event_overflow`, 50],
          [good, 940],
        ],
        kind: "kernel",
      },
      "profiler-itself",
    ],
    [
      "of stacks that were cut",
      {
        stacks: [
          [Array.from({ length: 127 }, (_, i) => `f${i}`).join(";"), 100],
          [good, 890],
        ],
      },
      "cut-stacks",
    ],
    ["of few samples", { stacks: [[good, 120]], durationNs: 1.2e9 }, "few-samples"],
  ])("tells %s", (_, profile, id) => {
    const { findings } = createAnalyst().answer(made(profile), { view: "advice" });
    const found = findings.find((finding) => finding.id === id);
    expect(findings.map((finding) => finding.id)).toContain(id);
    expect(found?.evidence).toMatch(/\d/);
    expect(found?.fix).not.toBe("");
  });

  it.each<readonly [string, Made]>([
    [
      "99 of 1000 samples without a name",
      {
        stacks: [
          ["_start;main;0x7f12ab", 99],
          [good, 901],
        ],
      },
    ],
    ["a lost sample among many", { stacks: [[good, 990]], meta: { lostSamples: 5 } }],
    ["short stacks that were unwound by DWARF", { stacks: [["burn", 990]], meta: { stackMethod: "dwarf" } }],
    ["short stacks of JavaScript", { stacks: [["(root);hot", 990]], kind: "node" }],
    [
      "deep stacks by DWARF",
      {
        stacks: [[Array.from({ length: 127 }, (_, i) => `f${i}`).join(";"), 990]],
        meta: { stackMethod: "dwarf" },
      },
    ],
    ["an allocator", { stacks: [["_start;main;malloc", 990]] }],
    ["a function that only sounds like a collector", { stacks: [["_start;main;gcd", 990]] }],
  ])("is silent about %s", (_, profile) => expect(idsOf(made(profile))).toEqual([]));

  it("says the worst first", () => {
    const { findings } = createAnalyst().answer(made({ stacks: [[good, 30]], meta: { lostSamples: 30 } }), {
      view: "advice",
    });
    expect(findings.map(({ severity }) => severity)).toEqual(["warn", "warn", "info"]);
  });

  it("takes a profile without samples", () => expect(idsOf(new ProfileBuilder().snapshot())).toEqual([]));

  /** Recordings with known truth: what is told of each, and nothing else. */
  it.each([
    ["perf-script/cpu_fp.script.txt.gz", []],
    ["perf-script/cpu_nofp_broken.script.txt", ["few-samples"]],
    ["perf-script/attach2_live.script.txt.gz", []],
    ["perf-script/node_jit.script.txt.gz", []],
    ["perf-script/cpu_dwarf.script.txt", ["few-samples"]],
    ["perf-script/offcpu_dwarf.script.txt", []],
    ["cpuprofile", []],
    ["pstats", ["instrumented"]],
    ["callgrind", ["instrumented"]],
  ] as const)("of the recording %s is what is true", async (name, ids) => {
    const folder = join(import.meta.dirname, "..", "..", "..", "fixtures");
    const { readdir, stat } = await import("node:fs/promises");
    const path = join(folder, name);
    const file = (await stat(path)).isDirectory()
      ? join(path, (await readdir(path)).filter((each) => !each.endsWith(".golden.json")).sort()[0] ?? "")
      : path;
    const bytes = await readFile(file);
    const profile = await importProfile(memorySource(file.endsWith(".gz") ? gunzipSync(bytes) : bytes), {
      signal: new AbortController().signal,
      limits: defaultLimits,
      name,
      progress: () => undefined,
    });
    expect(idsOf(profile)).toEqual(ids);
  });
});
