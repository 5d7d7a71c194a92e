import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { FunctionKind, Profile, ProfileMeta, RecordedFacts, SeriesKind } from "#core/model/profile.ts";

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
  /** What the system counted all the while. */
  readonly cpuPercent?: number;
  readonly seriesKind?: SeriesKind;
  /** A thread for each stack. */
  readonly threads?: boolean;
  /** Names are symbols of V8, as perf has them. */
  readonly symbols?: boolean;
}

/** A profile of so many samples of each stack, evenly over ten seconds of 99 Hz. */
function made({
  stacks,
  meta = {},
  kind = "native",
  binary = "",
  durationNs = 10e9,
  ...more
}: Made): Profile {
  const out = new ProfileBuilder();
  out.meta({ format: "perf-script", stackMethod: "fp", periodNs: 1e9 / 99, ...meta });
  const series = out.series({
    id: "cpu-clock",
    kind: more.seriesKind ?? "cpu",
    timed: true,
    values: [{ name: "samples", unit: "samples", counted: true }],
  });
  const own = binary === "" ? NONE : out.binary(binary);
  const process = more.threads === true ? out.process(1, "app") : NONE;
  for (const [at, [names, samples]] of stacks.entries()) {
    const thread = process === NONE ? NONE : out.thread(process, 100 + at, `worker-${at}`);
    let stack: number = NONE;
    for (const name of names.split(";"))
      stack = out.stack(
        stack,
        out.frame({
          function: out.function({ name: out.string(name), kind, binary: own }),
          ...(more.symbols === true && { symbol: out.string(name) }),
        }),
      );
    for (let i = 0; i < samples; i++) series.add(out.seen((i / samples) * durationNs), thread, stack);
  }
  if (more.cpuPercent !== undefined)
    for (let at = 0; at <= 10; at++)
      out.counter("cpu", "CPU", "percent", (at / 10) * durationNs, more.cpuPercent);
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

  describe("of how it was recorded", () => {
    const recorded = (part: Partial<RecordedFacts>): Partial<ProfileMeta> => ({
      recorded: { observer: null, optimised: null, flags: [], ...part },
    });
    const cost = (profilerPercent: number | null, workbenchPercent: number): Partial<ProfileMeta> =>
      recorded({ observer: { profilerPercent, workbenchPercent } });
    const java = (meta: Partial<ProfileMeta>): Made => ({
      stacks: [["Main.main;Main.work", 990]],
      kind: "java",
      meta: { stackMethod: "jvm", ...meta },
    });
    it.each<readonly [string, Made, string, RegExp]>([
      [
        "late samples",
        { stacks: [[good, 500]], meta: { periodNs: 1e6, format: "v8-chunks" } },
        "rate-not-reached",
        /1,000.*20.0.ms apart, 50 a second/,
      ],
      [
        "samples that the kernel held back",
        { stacks: [[`${good};do_syscall_64`, 500]], kind: "kernel", meta: { periodNs: 1e6 }, cpuPercent: 80 },
        "rate-not-reached",
        /1,000.*500 came in 8.00.s of it, 63 a second/,
      ],
      [
        "an expensive profiler",
        { stacks: [[good, 990]], meta: cost(40, 15) },
        "observer-cost",
        /profiler 40 %/i,
      ],
      [
        "an expensive workbench",
        { stacks: [[good, 990]], meta: cost(null, 30) },
        "observer-cost",
        /workbench 30 %/,
      ],
      [
        "a file that says so",
        { stacks: [[good, 990]], meta: recorded({ optimised: false }) },
        "debug-build",
        /100\.0 %/,
      ],
      [
        "Flight Recorder's lines",
        java({ format: "jfr", command: "java -Xmx1g" }),
        "safepoint-bias",
        /100\.0 %/,
      ],
      ["thread dumps", java({ format: "chunks", tool: "Java thread dumps" }), "safepoint-bias", /safepoint/],
      [
        "a thread that hides others",
        {
          stacks: [
            [good, 890],
            [good, 100],
          ],
          threads: true,
        },
        "hidden-thread",
        /89\.9 %.*100 samples/,
      ],
      [
        "threads that wait",
        {
          stacks: [
            ["_start;main;epoll_wait", 700],
            [good, 290],
          ],
          threads: true,
          seriesKind: "wall",
        },
        "hidden-thread",
        /70\.7 %/,
      ],
      [
        "JavaScript that V8 inlined",
        { stacks: [["LazyCompile:*hot /app/a.js:2", 990]], kind: "node", symbols: true },
        "inlined-script",
        /100\.0 %/,
      ],
      [
        "system calls that were each stopped at",
        { stacks: [["read", 990]], meta: { format: "strace" }, kind: "kernel" },
        "instrumented",
        /990 times, 99 a second/,
      ],
    ])("tells %s", (_, profile, id, evidence) => {
      const { findings } = createAnalyst().answer(made(profile), { view: "advice" });
      expect(findings.find((finding) => finding.id === id)?.evidence).toMatch(evidence);
    });

    it.each<readonly [string, Made]>([
      ["a cheap recording", { stacks: [[good, 990]], meta: cost(4, 9) }],
      [
        "a thread that has little of a busy machine",
        { stacks: [[`${good};do_syscall_64`, 600]], kind: "kernel", cpuPercent: 20, durationNs: 30e9 },
      ],
      ["user code alone of a program that is in the kernel", { stacks: [[good, 500]], cpuPercent: 99 }],
      ["an optimised build", { stacks: [[good, 990]], meta: recorded({ optimised: true }) }],
      [
        "an interpreter without optimisation, of whose code nothing runs",
        {
          stacks: [["main;f", 990]],
          kind: "python",
          meta: { stackMethod: "", ...recorded({ optimised: false }) },
        },
      ],
      [
        "Flight Recorder with precise lines",
        java({ format: "jfr", ...recorded({ flags: ["-XX:+DebugNonSafepoints"] }) }),
      ],
      ["async-profiler, which needs no safepoint", java({ format: "jfr", tool: "async-profiler" })],
      [
        "threads that share the work",
        {
          stacks: [
            [good, 600],
            [good, 390],
          ],
          threads: true,
        },
      ],
      [
        "a thread that does next to nothing",
        {
          stacks: [
            [good, 980],
            [good, 10],
          ],
          threads: true,
        },
      ],
      [
        "threads that all work, by the clock on the wall",
        {
          stacks: [
            [good, 500],
            [good, 490],
          ],
          threads: true,
          seriesKind: "wall",
        },
      ],
      [
        "JavaScript that is interpreted",
        { stacks: [["JS:~hot /app/a.js:2", 990]], kind: "node", symbols: true },
      ],
    ])("is silent about %s", (_, profile) => expect(idsOf(made(profile))).toEqual([]));
  });

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
    ["perf-script/node_jit.script.txt.gz", ["inlined-script"]],
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
