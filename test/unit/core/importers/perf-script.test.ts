import { describe, expect, test } from "vitest";
import { defaultLimits } from "#core/importers/importer.ts";
import { perfScript } from "#core/importers/perf-script.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { kindAt, type Profile } from "#core/model/profile.ts";
import {
  bytesOf,
  feed,
  firstSeries,
  fixture,
  importContext,
  leafCounts,
  namesOf,
  total,
} from "./importing.ts";

const read = (text: string): Profile => feed(perfScript, bytesOf(text));

/** Samples whose stack has a function of this name anywhere. */
function withFunction(profile: Profile, name: string, index = 0): number {
  const series = profile.series[index];
  let count = 0;
  for (const stack of series?.stack ?? []) if (namesOf(profile, stack).includes(name)) count++;
  return count;
}

describe("recordings with a known answer", () => {
  test("frame pointers: 1498 samples, 908, 434 and 155", () => {
    const profile = feed(perfScript, fixture("perf-script/cpu_fp.script.txt.gz"));
    const series = firstSeries(profile);
    expect(leafCounts(profile, series)).toMatchObject({ burn_a: 908, burn_b: 434, burn_c: 155 });
    expect(series).toMatchObject({ id: "cpu-clock:ppp", kind: "cpu", length: 1498 });
    expect(total(series)).toBe(1498 * 2004008);
    expect(series.values.map(({ name, unit }) => `${name} in ${unit}`)).toEqual([
      "period in nanoseconds",
      "samples in samples",
    ]);
    expect(profile.meta).toMatchObject({
      periodNs: 2004008,
      notes: [],
      originSeconds: 4292,
      originNanos: 71987056,
    });
    const deepest = [...series.stack]
      .map((stack) => namesOf(profile, stack))
      .find((names) => names.at(-1) === "burn_a");
    expect(deepest).toEqual(["__libc_start_call_main", "main", "worker", "phase_ab", "burn_a"]);
  });

  test("dwarf: 173, 99 and 25; stacks end in _start; inlined frames", () => {
    const profile = feed(perfScript, fixture("perf-script/cpu_dwarf.script.txt"));
    expect(leafCounts(profile, firstSeries(profile))).toEqual({ burn_a: 173, burn_b: 99, burn_c: 25 });
    expect(withFunction(profile, "_start")).toBe(297);
    expect(profile.frames.inlineDepth.some((depth) => depth === 1)).toBe(true);
  });

  test("live: pid/tid and CPU, two threads of one process", () => {
    const profile = feed(perfScript, fixture("perf-script/attach2_live.script.txt.gz"));
    const series = firstSeries(profile);
    expect(leafCounts(profile, series)).toMatchObject({ burn_a: 460, burn_b: 228, burn_c: 82 });
    expect(series.length).toBe(773);
    expect([...profile.processes.pid]).toEqual([12577]);
    expect([...profile.threads.tid]).toEqual([12577, 12579]);
    const labels = new Set(series.labels);
    expect(labels.size).toBe(2);
    expect([...profile.labels.number].sort()).toEqual([0, 1]);
    expect(profile.strings[profile.labels.key[0] as number]).toBe("cpu");
  });

  test("JIT of Node: 605, 296 and 95, with file, line and column", () => {
    const profile = feed(perfScript, fixture("perf-script/node_jit.script.txt.gz"));
    expect(leafCounts(profile, firstSeries(profile))).toMatchObject({ hotA: 605, hotB: 296, hotC: 95 });
    const hot = [...profile.functions.name].findIndex((name) => profile.strings[name] === "hotA");
    expect(kindAt(profile.functions.kind[hot] as number)).toBe("node");
    expect(profile.strings[profile.functions.file[hot] as number]).toMatch(/hot\.js$/);
    expect(profile.functions.line[hot]).toBe(2);
    const frame = profile.frames.function.indexOf(hot);
    expect([profile.frames.line[frame], profile.frames.column[frame]]).toEqual([2, 14]);
  });

  test("JIT of Python: hot_a 300, hot_b 149, hot_c 49", () => {
    const profile = feed(perfScript, fixture("perf-script/hot_py313_perf_jit.script.txt.gz"));
    const counts = Object.fromEntries(
      ["hot_a", "hot_b", "hot_c"].map((name) => [name, withFunction(profile, name)]),
    );
    expect(counts).toEqual({ hot_a: 300, hot_b: 149, hot_c: 49 });
    const hot = [...profile.functions.name].findIndex((name) => profile.strings[name] === "hot_a");
    expect(kindAt(profile.functions.kind[hot] as number)).toBe("python");
  });

  test("broken stacks are read, and told", () => {
    const profile = feed(perfScript, fixture("perf-script/cpu_nofp_broken.script.txt"));
    expect(firstSeries(profile).length).toBe(197);
    expect(profile.meta.notes.join()).toMatch(/^Stacks are broken: 100 % /);
  });

  test("switches are times off the processor, with the stack of the tracepoint: sleeper 24, pipe_wait 25", () => {
    const profile = feed(perfScript, fixture("perf-script/offcpu_dwarf.script.txt"));
    expect(profile.series.map(({ id, kind, length }) => [id, kind, length])).toEqual([
      ["sched:sched_switch", "trace", 104],
      ["off-cpu", "offcpu", 104],
    ]);
    const texts = profile.labels.text;
    const reasons = [...profile.labels.key].flatMap((key, i) =>
      profile.strings[key] === "reason" ? [profile.strings[texts[i]]] : [],
    );
    expect([...new Set(reasons)].sort()).toEqual(["pipe", "preempted", "sleep"]);
    expect(withFunction(profile, "sleeper")).toBeGreaterThanOrEqual(24);
    expect(withFunction(profile, "pipe_wait")).toBeGreaterThanOrEqual(25);
    expect(profile.meta.notes).toEqual([]);
    const { start, end, stack, length } = profile.intervals;
    const waits = (name: string): number[] =>
      Array.from({ length }, (_, i) => i)
        .filter((i) => namesOf(profile, stack[i]).includes(name) && !Number.isNaN(end[i]))
        .map((i) => (end[i] - start[i]) / 1e6)
        .filter((ms) => ms > 10);
    const average = (values: number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
    expect(waits("sleeper")).toHaveLength(24);
    expect(average(waits("sleeper"))).toBeCloseTo(60.1, 0);
    expect(waits("pipe_wait")).toHaveLength(25);
    expect(average(waits("pipe_wait"))).toBeCloseTo(20.3, 0);
  });

  test("tracepoints without stacks: a series each, arguments kept", () => {
    const profile = feed(perfScript, fixture("perf-script/sched.script.txt.gz"));
    expect(Object.fromEntries(profile.series.map(({ id, length }) => [id, length]))).toEqual({
      "off-cpu": 68,
      "sched:sched_migrate_task": 2,
      "sched:sched_stat_runtime": 170,
      "sched:sched_switch": 142,
      "sched:sched_waking": 85,
    });
    expect(profile.strings).toContain("comm=perf pid=12703 runtime=51837 [ns]");
    expect([...profile.threads.name].map((name) => profile.strings[name])).toContain("migration/0");
  });

  test("tracepoints with stacks", () => {
    const profile = feed(perfScript, fixture("perf-script/futex_dwarf.script.txt.gz"));
    expect(profile.series.map(({ id, length }) => [id, length])).toEqual([
      ["syscalls:sys_enter_futex", 4883],
      ["lock-holders", 2031],
      ["syscalls:sys_exit_futex", 4883],
      ["lock-waits", 1424],
      ["idle-waits", 1],
    ]);
    expect(profile.series[0]?.values).toHaveLength(1);
  });

  test("page faults: 2740, of which 2427 in big_hold and 246 in leak_here", () => {
    const profile = feed(perfScript, fixture("perf-script/pagefaults_leak.script.txt.gz"));
    expect(firstSeries(profile)).toMatchObject({ id: "page-faults", kind: "trace", length: 2740 });
    expect([withFunction(profile, "big_hold"), withFunction(profile, "leak_here")]).toEqual([2427, 246]);
  });
});

interface Expected {
  readonly thread?: string;
  readonly pid?: number;
  readonly tid?: number;
  readonly series?: string;
  readonly values?: readonly (readonly [string, number])[];
  readonly stack?: readonly string[];
  readonly timed?: boolean;
}

const stackLines = "\t    14c4 burn_a+0x34 (/srv/demo/cpu_fp)\n\t    12e4 main+0x164 (/srv/demo/cpu_fp)\n\n";

describe("every selection of fields", () => {
  const cases: readonly (readonly [string, string, Expected])[] = [
    [
      "the default",
      "cpu_fp 12558  4292.071987:    2004008 cpu-clock:ppp: \n",
      {
        thread: "cpu_fp",
        tid: 12558,
        values: [
          ["nanoseconds", 2004008],
          ["samples", 1],
        ],
      },
    ],
    [
      "nanoseconds, pid and CPU",
      "cpu_fp 12/13 [001]  4.522760399:   10 cycles:P: \n",
      {
        pid: 12,
        tid: 13,
        series: "cycles:P",
        values: [
          ["cycles", 10],
          ["samples", 1],
        ],
      },
    ],
    ["no period", "java 27 [000] 441995.133575: cpu-clock: \n", { tid: 27, values: [["samples", 1]] }],
    ["no time", "java 19983 cycles:\n", { thread: "java", tid: 19983, series: "cycles", timed: false }],
    [
      "a period, and no thread",
      "   2004008 cpu-clock:ppp: \n",
      {
        tid: undefined,
        values: [
          ["nanoseconds", 2004008],
          ["samples", 1],
        ],
        timed: false,
      },
    ],
    [
      "a name and a period",
      "cpu_fp    2004008 cpu-clock:ppp: \n",
      {
        thread: "cpu_fp",
        tid: -1,
        values: [
          ["nanoseconds", 2004008],
          ["samples", 1],
        ],
      },
    ],
    [
      "no time, with a period",
      "java 19983       3 cycles:u: \n",
      {
        values: [
          ["cycles", 3],
          ["samples", 1],
        ],
        timed: false,
      },
    ],
    ["no event", "cpu_fp 12558  4292.071987: \n", { thread: "cpu_fp", series: "samples", timed: true }],
    [
      "no command name",
      " 12577/12579 [000]  4304.310403762:    5025125 cpu-clock:ppp: \n",
      { thread: "", pid: 12577, tid: 12579 },
    ],
    ["no pid", "cpu_fp  4292.071987:    2004008 cpu-clock:ppp: \n", { thread: "cpu_fp", tid: -1 }],
    [
      "a name with spaces",
      "C2 CompilerThre 99/100 [003] 12.000001: 1 cycles: \n",
      { thread: "C2 CompilerThre", pid: 99, tid: 100 },
    ],
    [
      "a name with numbers",
      "my 12 34 app 56/78  1.000001:  9 cycles: \n",
      { thread: "my 12 34 app", pid: 56, tid: 78 },
    ],
    [
      "a name in front of blanks",
      "         swapper     0 [007]  1.000001:  9 cycles: \n",
      { thread: "swapper", pid: 0 },
    ],
    ["a dead thread", ":-1    -1 [000] 12.000001: 1 cycles: \n", { thread: ":-1", tid: -1 }],
    [
      "a PMU's event",
      "a 1 2.000001: 5 cpu/event=0x3c,umask=0x0/u: \n",
      {
        series: "cpu/event=0x3c,umask=0x0/u",
        values: [
          ["cpu/event=0x3c,umask=0x0/u", 5],
          ["samples", 1],
        ],
      },
    ],
    [
      "arguments after the event",
      "a 1 2.000001: sched:sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b\n",
      { series: "sched:sched_switch", values: [["samples", 1]] },
    ],
    [
      "windows line ends",
      "cpu_fp 12558  4292.071987:    2004008 cpu-clock:ppp: \r\n",
      { thread: "cpu_fp", tid: 12558 },
    ],
  ];
  test.each(cases)("%s", (_name, header, expected) => {
    const profile = read(header + stackLines.replaceAll("\n", header.endsWith("\r\n") ? "\r\n" : "\n"));
    const series = firstSeries(profile);
    expect(series.length).toBe(1);
    expect(namesOf(profile, series.stack[0] as number)).toEqual(expected.stack ?? ["main", "burn_a"]);
    if (expected.thread !== undefined)
      expect(profile.strings[profile.threads.name[0] as number]).toBe(expected.thread);
    if (expected.pid !== undefined) expect(profile.processes.pid[0]).toBe(expected.pid);
    if (expected.tid !== undefined) expect(profile.threads.tid[0]).toBe(expected.tid);
    if (expected.series !== undefined) expect(series.id).toBe(expected.series);
    if (expected.timed !== undefined) expect(series.time !== null).toBe(expected.timed);
    if (expected.values) {
      expect(series.values.map((value, i) => [value.unit, total(series, i)])).toEqual(expected.values);
    }
    expect(profile.meta.notes).toEqual([]);
  });

  test("one line a sample", () => {
    const profile = read(
      "cpu_fp 1 2.000001:  5 cpu-clock:ppp:      14c7 burn_a+0x37 (/srv/demo/cpu_fp)\n" +
        "cpu_fp 1 2.000002:  5 cpu-clock:ppp:  ffffffff81000130 do_it ([kernel.kallsyms])\n" +
        "cpu_fp 1 2.000003:  1 page-faults:  7f00aa 14c7 burn_b (/srv/demo/cpu_fp)\n",
    );
    expect(profile.series.map(({ id, length }) => [id, length])).toEqual([
      ["cpu-clock:ppp", 2],
      ["page-faults", 1],
    ]);
    expect(leafCounts(profile, firstSeries(profile))).toEqual({ burn_a: 1, do_it: 1 });
    expect(profile.strings).toContain("7f00aa");
  });

  test("one line a sample, without a time or an event", () => {
    const profile = read(
      "     cpu_fp 12562      555eedc6c514 burn_b\n     cpu_fp 12562      555eedc6c4c4 burn_a (/x)\n",
    );
    expect(perfScript.sniff(bytesOf("     cpu_fp 12562      555eedc6c514 burn_b\n".repeat(3)), "")).toBe(
      true,
    );
    expect(leafCounts(profile, firstSeries(profile))).toEqual({ burn_b: 1, burn_a: 1 });
    expect([...profile.threads.tid]).toEqual([12562]);
  });

  test("addresses alone are told", () => {
    const { meta } = read("\t    14c4\n\t    12e4\n\n\t    14c4\n\n");
    expect(meta.notes).toEqual(["The text has no function names: `perf script -F +sym` writes them."]);
  });

  test("a command name and a number, where frames follow", () => {
    const profile = read(`world 12\n${stackLines}world 12\n\nworld 12\nx\n`);
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.strings[profile.threads.name[0] as number]).toBe("world");
    expect(profile.meta.notes).toEqual(["3 lines could not be read."]);
  });

  test("frames alone", () => {
    const profile = read("\t  14c4 burn_a+0x3\n\t 12e4 main\n\n\t  14c4 burn_a+0x3\n\n");
    expect(firstSeries(profile)).toMatchObject({ id: "samples", length: 2, time: null });
    expect(namesOf(profile, 1)).toEqual(["main", "burn_a"]);
  });
});

describe("frames", () => {
  const frameCases: readonly (readonly [string, string, string])[] = [
    [
      "163c std::thread::_State_impl<std::tuple<void (*)(double), double> >::_M_run+0xc (/srv/demo/cpu)",
      "std::thread::_State_impl<std::tuple<void (*)(double), double> >::_M_run",
      "native",
    ],
    ["163c operator()(int) const+0xc (/srv/a b (old)/cpu)", "operator()(int) const", "native"],
    ["163c run (/memfd:x (deleted))", "run", "jit"],
    ["163c gone (/usr/lib/libold.so (deleted))", "gone", "native"],
    ["ffffffff8137b665 __x64_sys_read+0x5 ([kernel.kallsyms])", "__x64_sys_read", "kernel"],
    ["ffffffffc0123456 nf_hook ([nf_tables])", "nf_hook", "kernel"],
    ["ffffffffc0123456 guest ([guest.kernel.kallsyms])", "guest", "kernel"],
    ["414b3b fsnotify (/lib/modules/4.1.0/build/vmlinux)", "fsnotify", "kernel"],
    ["7ffd clock_gettime ([vdso])", "clock_gettime", "native"],
    ["7ffd72b889b0 [unknown] ([unknown])", "[unknown]", "unknown"],
    ["ffffffff81000000 [unknown] ([unknown])", "[unknown]", "kernel"],
    ["d70 _start+0xffff018fd5dce000 (/usr/lib/ld.so)", "_start", "native"],
    [
      "7f00 LazyCompile:*Async$consume /apps/web app/async.js:39 (/tmp/perf-31912.map)",
      "Async$consume",
      "node",
    ],
    ["7f00 JS:~ /srv/demo/hot.js:1:1 (/tmp/perf-3.map)", "(anonymous)", "node"],
    ["7f00 JS:*get size node:internal/url:12:9 (/tmp/perf-3.map)", "get size", "node"],
    [
      "7f00 Builtin:InterpreterEntryTrampoline (/tmp/perf-3.map)",
      "Builtin:InterpreterEntryTrampoline",
      "node",
    ],
    ["7f00 RegExp:[&<>\\\"\\'] (/tmp/perf-7539.map)", "RegExp:[&<>\\\"\\']", "node"],
    ["7f00 py::hot_a:/srv/demo/hot.py (/tmp/perf-3.map)", "hot_a", "python"],
    ["7f00 Ljava/io/PrintStream;::print (/tmp/perf-3.map)", "Ljava/io/PrintStream;::print", "java"],
    ["7f00 long Hot.hotA(int) (/tmp/perf-3.map)", "Hot.hotA", "java"],
    ["7f00 JS:*f /a.js:1:2 (/home/u/.debug/jit/x/jitted-12-3.so)", "f", "node"],
    ["7f00 <script>alert(1)</script> (/srv/x)", "<script>alert(1)</script>", "native"],
    ["7f00 __proto__ (/srv/x)", "__proto__", "native"],
    ["7f00", "[unknown]", "native"],
  ];
  test.each(frameCases)("%s", (line, name, kind) => {
    const profile = read(`a 1 2.000001: 1 cycles: \n\t${line}\n\n`);
    expect(profile.frames.length).toBe(1);
    expect(profile.strings[profile.functions.name[0] as number]).toBe(name);
    expect(kindAt(profile.functions.kind[0] as number)).toBe(kind);
    expect(profile.frames.addressLow[0]).not.toBe(0xffffffff);
  });

  test("a kernel address does not lose a bit", () => {
    const { frames } = read("a 1 2.000001: 1 cycles: \n\tffffffff8137b665 f ([kernel.kallsyms])\n\n");
    expect([frames.addressHigh[0], frames.addressLow[0]]).toEqual([0xffffffff, 0x8137b665]);
  });

  test("with source places (-F +srcline) it is they that say what was inlined", () => {
    // Verbatim, but for the path.
    const text = `inl 31661 27978.748779:   10101010 cpu-clock:ppp:
\t            127a work::turn<24000000l>+0x2a
  inlined.cpp:24 (inlined)
\t            127a work::burn_a+0x2a
  inlined.cpp:29 (inlined)
\t            127a work::round+0x2a (/srv/demo/inl)
  inlined.cpp:44
\t            1140 _start+0x20 (/srv/demo/inl)
  ??:0

`;
    const profile = read(text);
    const { stacks, frames, functions, strings } = profile;
    const rows: (string | number | undefined)[][] = [];
    for (let at = firstSeries(profile).stack[0] ?? -1; at >= 0; at = stacks.prefix[at] ?? -1) {
      const frame = stacks.frame[at] ?? -1;
      const row = frames.function[frame] ?? -1;
      const file = strings[functions.file[row] ?? -1] ?? "";
      rows.push([strings[functions.name[row] ?? -1], frames.inlineDepth[frame], file, frames.line[frame]]);
      expect(functions.binary[row]).toBe(0);
    }
    expect(rows).toEqual([
      ["work::turn<24000000l>", 2, "inlined.cpp", 24],
      ["work::burn_a", 1, "inlined.cpp", 29],
      ["work::round", 0, "inlined.cpp", 44],
      ["_start", 0, "", -1],
    ]);
  });

  test("inlined frames count their depth and take the binary of the code around", () => {
    const profile = read(
      "a 1 2.000001: 1 cycles: \n\t 1514 inner (inlined)\n\t 1514 outer (inlined)\n\t 1514 real+0x4 (/srv/a)\n\t 99 main (/srv/a)\n\n",
    );
    const { frames, functions, strings } = profile;
    const rows = Array.from({ length: frames.length }, (_, i) => {
      const row = frames.function[i] as number;
      return [strings[functions.name[row] as number], frames.inlineDepth[i], functions.binary[row]];
    });
    expect(rows.sort()).toEqual([
      ["inner", 2, 0],
      ["main", 0, 0],
      ["outer", 1, 0],
      ["real", 0, 0],
    ]);
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual([
      "main",
      "real",
      "outer",
      "inner",
    ]);
  });

  test("source lines go with the frame before them", () => {
    const profile = read(
      "a 1 2.000001: 1 cycles: \n\t 1514 f+0x4 (/srv/a)\n  cpu.cpp:12\n\t 99 main (/srv/a)\n  libc.so.6[27249]\n\n" +
        "a 1 2.000002: 1 cycles: \n\t 1514 f+0x4 (/srv/a)\n  cpu.cpp:13 (discriminator 2)\n\n",
    );
    expect([...profile.frames.line].sort()).toContain(12);
    expect([...profile.frames.line].sort()).toContain(13);
    expect(profile.strings).toContain("cpu.cpp");
    expect(firstSeries(profile).length).toBe(2);
  });

  test("old versions do not indent", () => {
    const profile = read(
      "java 19983 cycles:\nffffffff8103d0ca native_write ([kernel.kallsyms])\n7f7241fbe6d8 base(BasicType) const (/x/libjvm.so)\n\n",
    );
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual([
      "base(BasicType) const",
      "native_write",
    ]);
  });
});

describe("what stands around the samples", () => {
  test("the header of the file", () => {
    const { meta } = read(
      "# ========\n# captured on    : Sun Nov 22 11:33:28 2026\n# hostname : vm\n# os release : 6.18.44\n" +
        "# perf version : 6.1.192\n# cmdline : /usr/bin/perf record -F 99 --call-graph dwarf,4096 -p 5 \n#\n" +
        `a 1 2.000001: 1 cycles: \n${stackLines}`,
    );
    expect(meta).toMatchObject({
      host: "vm",
      kernel: "6.18.44",
      toolVersion: "6.1.192",
      command: "/usr/bin/perf record -F 99 --call-graph dwarf,4096 -p 5",
      stackMethod: "dwarf",
    });
  });

  test("lost samples are counted", () => {
    const { meta } = read(
      `a 1 [000] 1.000001: PERF_RECORD_LOST lost 12\nlost 5 events\na 1 2.000001: 1 cycles: \n${stackLines}`,
    );
    expect(meta).toMatchObject({ lostSamples: 17, notes: [] });
  });

  test("processes and threads that begin, end and change their name", () => {
    const { threads, processes, strings } = read(
      "perf-exec     0 [000]     0.000000: PERF_RECORD_COMM: perf-exec:14/14\n" +
        "bash 14 [000] 10.000001: PERF_RECORD_COMM exec: bash: x:14/14\n" +
        "bash 14 [000] 10.000002: PERF_RECORD_FORK(14:15):(14:14)\n" +
        `bash 15 10.000003: 1 cycles: \n${stackLines}` +
        "bash 14 [000] 10.000004: PERF_RECORD_EXIT(14:15):(14:14)\n" +
        "bash 14 [000] 10.000005: PERF_RECORD_EXIT(14:14):(1:1)\n",
    );
    expect([...processes.pid]).toEqual([14]);
    expect(strings[processes.name[0]]).toBe("bash: x");
    expect([...threads.tid]).toEqual([14, 15]);
    expect([...threads.start]).toEqual([Number.NaN, 1000]);
    expect([...threads.end]).toEqual([4000, 3000]);
    expect(processes.end[0]).toBe(4000);
  });

  test("switches of which some have no return", () => {
    const { intervals, strings, meta } = read(
      "a 1/1 1.000001: PERF_RECORD_SWITCH IN         \na 1/1 1.000002: PERF_RECORD_SWITCH OUT preempt\n" +
        "a 1/1 1.000005: PERF_RECORD_SWITCH IN         \na 1/1 1.000006: PERF_RECORD_SWITCH OUT        \n" +
        "a 1/1 1.000007: PERF_RECORD_SWITCH OUT        \n",
    );
    expect([...intervals.start]).toEqual([1000, 6000]);
    expect([...intervals.end]).toEqual([4000, Number.NaN]);
    expect([...intervals.name].map((name) => strings[name])).toEqual(["preempted", "off CPU"]);
    expect(meta.notes.join()).toMatch(/^1 times a thread left/);
  });

  test("sched_switch and sched_waking of all of the system", () => {
    const { intervals, strings } = read(
      "a 1 [000] 1.000001: sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120\n" +
        "b 2 [000] 1.000003: sched:sched_waking: comm=a pid=1 prio=120 target_cpu=000\n" +
        "b 2 [000] 1.000004: sched:sched_switch: b:2 [120] R+ ==> a:1 [120]\n" +
        "a 1 [000] 1.000009: sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=D ==> next_comm=b next_pid=2 next_prio=120\n",
    );
    const rows = Array.from({ length: intervals.length }, (_, i) => [
      intervals.start[i],
      intervals.end[i],
      strings[intervals.name[i]],
      strings[intervals.args[i]],
    ]);
    expect(rows).toEqual([
      [0, 3000, "off CPU", '{"reason":"other","state":"S","waker":"b/2"}'],
      [3000, 8000, "preempted", '{"reason":"preempted","state":"R+"}'],
      [8000, Number.NaN, "off CPU", '{"reason":"disk","state":"D"}'],
    ]);
  });

  test("locks and system calls are pairs", () => {
    const { intervals, strings } = read(
      `a 1 1.000001: lock:contention_begin: 0xff11 (flags=WRITE)\n${stackLines}` +
        "a 1 1.000002: lock:contention_begin: 0xff12 (flags=SPIN)\n" +
        "a 1 1.000003: lock:contention_end: 0xff12 (ret=0)\na 1 1.000009: lock:contention_end: 0xff11 (ret=0)\n" +
        "a 1 1.000010: syscalls:sys_enter_read: fd: 0x00000003\na 1 1.000020: syscalls:sys_exit_read: 0x40\n",
    );
    const rows = Array.from({ length: intervals.length }, (_, i) => [
      strings[intervals.category[i]],
      strings[intervals.name[i]],
      intervals.end[i] - intervals.start[i],
      strings[intervals.args[i]],
      intervals.stack[i] >= 0,
    ]);
    expect(rows).toEqual([
      ["lock", "0xff12", 1000, '{"kind":"kernel lock (spin)","address":"0xff12"}', false],
      ["lock", "0xff11", 8000, '{"kind":"kernel lock (write)","address":"0xff11"}', true],
      ["syscall", "read", 10_000, '{"result":"0x40"}', false],
    ]);
  });

  test("branch stacks are passed over, and told", () => {
    const profile = read(
      "a 1 2.000001: 1 cycles: \n\t 14c4 f+0x4 (/srv/a)\n 0x4005f8/0x400600/P/-/-/0 0x4005f0/0x4005f4/M/-/-/12 \n\n" +
        "a 1 2.000002: 1 cycles:  14c4 f+0x4 (/srv/a) main+0x4/f+0x0/P/-/-/3/COND \n",
    );
    expect(firstSeries(profile).length).toBe(2);
    expect(profile.stacks.length).toBe(1);
    expect(profile.meta.notes).toEqual(["Branch stacks were skipped."]);
  });

  test("addresses that samples are about, in front of stacks", () => {
    const profile = read(
      `a 1 2.000001: 1 page-faults:  7f00aa \n${stackLines}a 1 2.000002: 1 page-faults:  7f00bb 12\n${stackLines}` +
        "a 1 2.000003: 1 page-faults:  14c4 \n",
    );
    expect(firstSeries(profile).length).toBe(3);
    expect(
      [...profile.labels.key].map((key, i) => [
        profile.strings[key],
        profile.strings[profile.labels.text[i]],
      ]),
    ).toEqual([
      ["address", "7f00aa"],
      ["arguments", "7f00bb 12"],
    ]);
    expect(namesOf(profile, firstSeries(profile).stack[2])).toEqual(["[unknown]"]);
  });

  test("what a load went to is kept as it stands there", () => {
    const profile = read(
      `a 1 2.000001: 1 mem-loads:P:  7f00aa 68100142 |OP LOAD|LVL L1 hit|SNP None \n${stackLines}`,
    );
    expect(profile.strings).toContain("7f00aa 68100142 |OP LOAD|LVL L1 hit|SNP None");
    expect(namesOf(profile, firstSeries(profile).stack[0])).toHaveLength(2);
  });

  test("names that a thread has had are labels", () => {
    const profile = read(
      `a 1/1 [000] 2.000001: 1 cycles: \n${stackLines}b 1/1 [000] 2.000002: 1 cycles: \n${stackLines}b 2/2 [000] 2.000003: 1 cycles: \n${stackLines}`,
    );
    const { labels, strings } = profile;
    const of = (set: number): unknown[] =>
      Array.from({ length: labels.length }, (_, row) => row)
        .filter((row) => labels.set[row] === set && strings[labels.key[row]] === "comm")
        .map((row) => strings[labels.text[row]]);
    expect([...(firstSeries(profile).labels ?? [])].map(of)).toEqual([["a"], ["b"], []]);
  });

  test("records of other kinds give one note", () => {
    const line = "perf 12 [000] 4.0001: PERF_RECORD_ITRACE_START pid: 12 tid: 12\n";
    const { meta, series } = read(`${line}${line}a 1 2.000001: 1 cycles: \n${stackLines}${line}`);
    expect(series.map(({ length }) => length)).toEqual([1]);
    expect(meta.notes).toHaveLength(1);
  });

  test("several events are several series", () => {
    const profile = read(
      `a 1 2.000001: 100 cycles: \n${stackLines}a 1 2.000002: 7 instructions:u: \n${stackLines}a 1 2.000003: 50 cycles: \n${stackLines}`,
    );
    expect(profile.series.map((series) => [series.id, total(series)])).toEqual([
      ["cycles", 150],
      ["instructions:u", 7],
    ]);
    expect([...(profile.series[0]?.time ?? [])]).toEqual([0, 2000]);
  });

  test("threads without pids are told where it matters", () => {
    const two = `a 1 2.000001: 1 cycles: \n${stackLines}a 2 2.000002: 1 cycles: \n${stackLines}`;
    expect(read(two).meta.notes.join()).toMatch(/^The text has thread numbers without process numbers/);
  });

  test("garbage is counted, not fatal", () => {
    const profile = read(`hello\nworld 12\na 1 2.000001: 1 cycles: \n${stackLines}%%%\n`);
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes).toEqual(["3 lines could not be read."]);
  });
});

describe("live", () => {
  const text = bytesOf(`a 1 12.000000005: 1 cycles: \n${stackLines}`);

  test("a sample is there when its blank line is, not before", () => {
    const out = new ProfileBuilder();
    out.meta({ originSeconds: 11, originNanos: 5 });
    const parser = perfScript.open(out, importContext());
    for (let i = 0; i < text.length - 1; i++) {
      parser.push(text.subarray(i, i + 1));
      expect(out.sampleCount).toBe(0);
    }
    parser.push(text.subarray(text.length - 1));
    expect(out.sampleCount).toBe(1);
    expect(out.snapshot().series[0]?.time?.[0]).toBe(1e9);
  });

  test("a recording that is cut in a stack leaves that sample out", () => {
    const whole = bytesOf(`a 1 2.000001: 1 cycles: \n${stackLines}a 1 2.000002: 1 cycles: \n\t  14c4 bur`);
    const profile = feed(perfScript, whole);
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes).toEqual(["The text ends in the middle of a sample, which was left out."]);
  });

  test("only the blank line is missing", () => {
    const profile = feed(perfScript, text.subarray(0, text.length - 1));
    expect(firstSeries(profile).length).toBe(1);
    expect(profile.meta.notes).toEqual([]);
  });
});

describe("limits", () => {
  const deep = (depth: number): string =>
    `a 1 2.000001: 1 cycles: \n${Array.from({ length: depth }, (_, i) => `\t ${i.toString(16)} f${i} (/x)\n`).join("")}\n`;

  test("stacks 2,000 deep are whole", () => {
    const profile = read(deep(2000));
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toHaveLength(2000);
  });

  test("deeper than allowed: the outer end is cut", () => {
    const context = importContext({ limits: { ...defaultLimits, maxStackDepth: 10 } });
    const profile = feed(perfScript, bytesOf(deep(20)), [], context);
    const names = namesOf(profile, firstSeries(profile).stack[0] as number);
    expect([names.length, names.at(-1)]).toEqual([10, "f0"]);
    expect(profile.meta.notes.join()).toContain("deeper than 10");
  });

  test("more samples than allowed", () => {
    const context = importContext({ limits: { ...defaultLimits, maxSamples: 2 } });
    const profile = feed(
      perfScript,
      bytesOf(`a 1 2.000001: 1 cycles: \n${stackLines}`.repeat(5)),
      [],
      context,
    );
    expect(firstSeries(profile).length).toBe(2);
    expect(profile.meta.notes).toEqual(["Only the first 2 samples were read."]);
  });

  test("names of 10,000 characters, NUL bytes, bytes that are not UTF-8", () => {
    const name = "x".repeat(10_000);
    const bytes = bytesOf(`a 1 2.000001: 1 cycles: \n\t 1 ${name} (/x)\n\t 2 \0\u0001 (/x)\n\t 3 @ (/x)\n\n`);
    bytes[bytes.lastIndexOf(64)] = 0xff;
    const profile = feed(perfScript, bytes);
    expect(namesOf(profile, firstSeries(profile).stack[0] as number)).toEqual(["\ufffd", "\0\u0001", name]);
  });
});

test("events whose names are no text and look the same stay apart", () => {
  const line = (byte: number, period: string): Uint8Array =>
    new Uint8Array([
      ...bytesOf(`cat 7 1.5: ${period}ev`),
      byte,
      ...bytesOf(":\n\t  4005 main (/bin/cat)\n\n"),
    ]);
  const text = new Uint8Array([...line(0xfe, ""), ...line(0xff, "10 "), ...line(0xfe, "")]);
  const { series } = feed(perfScript, text);
  expect(series.map(({ length }) => length)).toEqual([2, 1]);
  expect(new Set(series.map(({ id }) => id)).size).toBe(2);
});
