import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";

/**
 * Whole processes side by side in one run: Flamewright opening a file, and what else reads the same file here. Time
 * and peak memory are those that the system counts, program start included.
 */

interface Peer {
  readonly name: string;
  /** Importer ids of the files that it reads. */
  readonly formats: readonly string[];
  /** "" where it is not installed. */
  readonly program: string;
  readonly args: (file: string) => readonly string[];
}

const find = (name: string): string =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? "";

const peer = (name: string, formats: readonly string[], program: string, args: Peer["args"]): Peer => ({
  name,
  formats,
  program,
  args,
});

const parseJson = "JSON.parse(require('node:fs').readFileSync(process.argv[1], 'latin1'))";

const peers: readonly Peer[] = [
  peer("cat", [], find("cat"), (file) => [file]),
  peer("inferno-collapse-perf", ["perf-script"], find("inferno-collapse-perf"), (file) => ["-n", "1", file]),
  peer("stackcollapse-perf.pl", ["perf-script"], find("stackcollapse-perf.pl"), (file) => [file]),
  peer("perf script", ["perf-data"], find("perf"), (file) => ["script", "-f", "-i", file]),
  peer("perf report --stdio", ["perf-data"], find("perf"), (file) => ["report", "-f", "--stdio", "-i", file]),
  peer(
    "JSON.parse",
    ["cpuprofile", "chrome-trace", "heapprofile", "heapsnapshot", "firefox", "speedscope"],
    process.execPath,
    (file) => ["-e", parseJson, file],
  ),
  peer("inferno-flamegraph", ["collapsed"], find("inferno-flamegraph"), (file) => [file]),
  peer("go tool pprof -top", ["pprof"], find("go"), (file) => ["tool", "pprof", "-top", file]),
  peer("heaptrack_print", ["heaptrack"], find("heaptrack_print"), (file) => ["-f", file]),
  peer("callgrind_annotate", ["callgrind"], find("callgrind_annotate"), (file) => [file]),
];

export interface Timed {
  readonly name: string;
  readonly seconds: number;
  /** NaN where /usr/bin/time is not there. */
  readonly peakMegabytes: number;
  /** What it said when it failed; "" when it did not. */
  readonly failure: string;
}

const TIME = "/usr/bin/time";

function timed(name: string, program: string, args: readonly string[]): Timed {
  const counted = join(tmpdir(), `flamewright-time-${process.pid}`);
  const hasTime = existsSync(TIME);
  const command = hasTime ? [TIME, "-q", "-o", counted, "-f", "%e %M", program, ...args] : [program, ...args];
  const began = performance.now();
  const [first = "", ...rest] = command;
  const run = spawnSync(first, rest, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  const wall = (performance.now() - began) / 1000;
  const failure = run.status === 0 ? "" : (run.stderr.trim().split("\n").at(-1) ?? "it failed");
  if (!hasTime) return { name, seconds: wall, peakMegabytes: Number.NaN, failure };
  const [, kilobytes = Number.NaN] =
    readFileSync(counted, "utf8").trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  rmSync(counted, { force: true });
  return { name, seconds: wall, peakMegabytes: kilobytes / 1024, failure };
}

/** The run of the middle, by time. */
function median(runs: readonly Timed[]): Timed {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  return sorted[sorted.length >> 1] as Timed;
}

export interface Comparison {
  readonly file: string;
  readonly format: string;
  readonly runs: readonly Timed[];
}

/** Runs take turns, so that what else the machine does falls on all of them. */
export function compare(
  file: string,
  format: string,
  openArgs: readonly string[],
  repeat: number,
): Comparison {
  const contenders = [
    { name: "Flamewright", program: process.execPath, args: openArgs },
    ...peers
      .filter(({ program, formats }) => program !== "" && (formats.length === 0 || formats.includes(format)))
      .map(({ name, program, args }) => ({ name, program, args: args(file) })),
  ];
  const all = contenders.map((): Timed[] => []);
  for (let round = 0; round < repeat; round++)
    for (const [i, { name, program, args }] of contenders.entries()) all[i]?.push(timed(name, program, args));
  return { file: basename(file), format, runs: all.map(median) };
}
