import { textOf } from "../bytes/ascii.ts";

/** A kind of file that holds a profile or something near it, but has to become another first. */
interface Refusal {
  readonly matches: (head: Uint8Array) => boolean;
  readonly message: string;
  readonly fix: string;
}

const begins = (head: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => head[i] === byte);
const beginsWith = (head: Uint8Array, text: string): boolean =>
  textOf(head.subarray(0, text.length)) === text;

/** What a program printed of a profile, for people: most of the profile is not in it. */
const printed = (form: RegExp, what: string, original: string): Refusal => ({
  matches: (head) => form.test(textOf(head.subarray(0, 4096))),
  message: `This is what ${what} of a profile, not the profile.`,
  fix: `Open ${original}.`,
});

const refusals: readonly Refusal[] = [
  {
    matches: (head) => /^v8-version,\d+,\d+/.test(textOf(head.subarray(0, 64))),
    message: "This is a log of V8's --prof as it is written: its ticks are not resolved yet.",
    fix: "Run `node --prof-process --preprocess isolate-*-v8.log > profile.json` with the Node that wrote it, and open what comes out.",
  },
  {
    matches: (head) => beginsWith(head, "memray"),
    message: "This is a recording of memray in its own binary form.",
    fix: "Run `memray transform csv` or `memray flamegraph` on it, and open what comes out.",
  },
  {
    matches: (head) => beginsWith(head, "gmon\u0001") || beginsWith(head, "gmon\0\0\0\u0001"),
    message: "This is gmon.out as a program built with -pg writes it: addresses without names.",
    fix: "Run `gprof PROGRAM gmon.out > gprof.txt` with the program that wrote it, and open what comes out.",
  },
  {
    matches: (head) => begins(head, [0x7f, 0x45, 0x4c, 0x46]),
    message: "This is a program or a library (ELF), not a profile of one.",
    fix: "Record it: `flamewright record -- PROGRAM`.",
  },
  {
    matches: (head) => beginsWith(head, "go 1.") && textOf(head.subarray(0, 16)).includes(" trace"),
    message: "This is an execution trace of Go.",
    fix: "Make a profile of it with `go tool trace -pprof=sched trace.out > sched.pb.gz` (or net, sync, syscall), and open that.",
  },
  {
    matches: (head) => beginsWith(head, "SQLite format 3\0"),
    message: "This is a database (SQLite), perhaps of another profiler.",
    fix: "Export it from the program that wrote it: Nsight Systems has `nsys export --type=json`.",
  },
  {
    matches: (head) =>
      beginsWith(head, "bplist00") ||
      /^\s*<\?xml[^>]*>\s*<!DOCTYPE plist/.test(textOf(head.subarray(0, 200))),
    message: "This is a property list, perhaps a part of an Instruments trace.",
    fix: "Export the trace: `xctrace export --input FILE.trace --xpath '/trace-toc/run/data/table[@schema=\"time-profile\"]'`.",
  },
  {
    matches: (head) => head[0] === 0x80 && textOf(head.subarray(0, 32)).includes("tracemalloc"),
    message: "This is a snapshot of Python's tracemalloc as a pickle, which is a program and not only data.",
    fix: "Load it in Python where you trust it, and print its statistics('traceback').",
  },
  printed(
    /^# To display the perf\.data header info[\s\S]*^# Samples:|^# Samples: .* of event/m,
    "`perf report` printed",
    "perf.data, or what `perf script` prints of it",
  ),
  printed(
    /^(?:File|Type): .*\n(?:[A-Z]\w+: .*\n)*Showing nodes accounting for/m,
    "`go tool pprof` printed",
    "the .pb.gz file itself",
  ),
  printed(/^PeriodType: \w+ \w+\nPeriod: \d/, "`go tool pprof -raw` printed", "the .pb.gz file itself"),
  printed(
    /^Total: \d+ samples\n +\d+ +[\d.]+% +[\d.]+% /,
    "`pprof --text` printed",
    "the profile that the program wrote",
  ),
  printed(
    /^Statistical profiling result from .*ticks/,
    "`node --prof-process` printed",
    "what `node --prof-process --preprocess` prints of the same log",
  ),
  printed(/^ms_print arguments: /m, "`ms_print` printed", "the massif.out file itself"),
  printed(
    /^Profile data file '.*' \(creator: callgrind/m,
    "`callgrind_annotate` printed",
    "the callgrind.out file itself",
  ),
  printed(
    /^reading file ".*" - please wait[\s\S]*^Debuggee command was/m,
    "`heaptrack_print` printed",
    "the heaptrack file itself",
  ),
  printed(
    /^\n? Version: \d\.\d\n Chunks: \d|^jdk\.\w+ \{\n {2}startTime = |^\{\s*"recording": \{\s*"events": \[/,
    "`jfr` printed",
    "the .jfr file itself",
  ),
];

/** Why a file of no known format cannot be read, where that can be said. */
export const refusalOf = (head: Uint8Array): { readonly message: string; readonly fix: string } | null =>
  refusals.find((each) => each.matches(head)) ?? null;
