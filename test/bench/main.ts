import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { writeSession } from "#core/model/session.ts";
import { type Comparison, compare } from "./compare.ts";
import { type GeneratedFormat, generators, type Sizes } from "./generate.ts";
import { type Figures, formatOf, measures, type Task } from "./measures.ts";
import { benchObserver } from "./observer.ts";
import { number, table } from "./print.ts";
import { benchPage } from "./ui.ts";

/**
 * `npm run bench`: what reading, asking, following and writing cost. Every figure comes from a process of its own, so
 * that peak memory is its own; ratios are of figures of one run. It never judges.
 */

interface Measured {
  readonly measure: string;
  readonly of: string;
  readonly figures: Figures;
  readonly peakMegabytes: number;
}

const help = `npm run bench -- [flags]
  --samples N     samples of the generated profile (200000)
  --depth N       mean frames a stack (20)
  --functions N   distinct functions (2000)
  --threads N     threads (8)
  --built N       samples of the profile that is built in memory (1000000)
  --nodes N       stack nodes of it (no limit)
  --only-built    nothing but that
  --repeat N      runs of each import; the median counts (3)
  --file PATH     a perf script text of your own instead
  --json          print JSON only

npm run bench -- ui [FILE ...] [--copies N,N] [--built N --nodes N] [--electron] [--live --seconds N] [--json]
  drives Chromium: frames of zoom, pan, hover, search and scrolling, tasks, memory; beside it speedscope, where npm has it, and
  an empty page. Each perf script text is repeated N times; with --built a profile of so many samples and call nodes is opened too,
  and compared with itself. --electron: the desktop application too; --live: a recording of a wide program with perf.

npm run bench -- observer [--repeat N] [--seconds N] [--only PROFILER] [--json]
  what recording costs: CPU of perf and the workbench with 16 busy threads, and how much longer recorded programs take

npm run bench -- compare FILE ... [--repeat N] [--json]
  opens each file, and has it read by what else is installed that reads its format; whole processes, in turns
`;

function runTask(task: Task): Measured {
  const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--task", JSON.stringify(task)], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${task.measure} of ${task.file} failed:\n${run.stderr}`);
  return JSON.parse(run.stdout);
}

const medianRun = (task: Task, repeat: number): Measured => {
  const runs = Array.from({ length: repeat }, () => runTask(task));
  runs.sort((a, b) => (a.figures.ms ?? 0) - (b.figures.ms ?? 0));
  return runs[runs.length >> 1];
};

/**
 * Of this process alone. Linux hands a parent's high-water mark on to what it starts, in the resource usage but not in
 * /proc; elsewhere the resource usage is all there is. Both are in kilobytes.
 */
function peakMegabytes(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1e3;
}

async function task(text: string): Promise<void> {
  const asked: Task = JSON.parse(text);
  const figures = await measures[asked.measure](asked);
  const measured: Measured = {
    measure: asked.measure,
    of: asked.file,
    figures,
    peakMegabytes: peakMegabytes(),
  };
  process.stdout.write(JSON.stringify(measured));
}

function generate(folder: string, format: GeneratedFormat, sizes: Sizes): string {
  const path = join(folder, `generated.${format}`);
  const file = openSync(path, "w");
  for (const chunk of generators[format](sizes)) writeSync(file, chunk);
  closeSync(file);
  return path;
}

async function saveSession(folder: string, from: string): Promise<string> {
  const profile = await importProfile(memorySource(readFileSync(from)), {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name: from,
    progress: () => undefined,
  });
  const path = join(folder, "generated.fwp");
  writeFileSync(path, Buffer.concat(writeSession({ profile, header: {}, log: [], raw: null })));
  return path;
}

/** Ratios are of Flamewright's own time and memory. */
async function compared(
  files: readonly string[],
  sizes: Sizes,
  repeat: number,
  json: boolean,
): Promise<string> {
  const comparisons: (Comparison & { readonly megabytes: number })[] = [];
  for (const file of files) {
    const format = await formatOf(file);
    const open = [
      "--expose-gc",
      fileURLToPath(import.meta.url),
      "--task",
      JSON.stringify({ measure: "open", file, sizes }),
    ];
    comparisons.push({ ...compare(file, format, open, repeat), megabytes: statSync(file).size / 1e6 });
  }
  if (json) return `${JSON.stringify(comparisons, null, 2)}\n`;
  return comparisons
    .map(({ file, format, runs, megabytes }) => {
      const [own] = runs;
      return table(`${file} (${format}, ${number(megabytes)} MB)`, [
        ["program", "s", "of ours", "peak MB", "of ours"],
        ...runs.map(({ name, seconds, peakMegabytes, failure }) => [
          failure === "" ? name : `${name}: ${failure.slice(0, 60)}`,
          seconds.toFixed(2),
          own ? (seconds / own.seconds).toFixed(2) : "",
          number(peakMegabytes),
          own ? (peakMegabytes / own.peakMegabytes).toFixed(2) : "",
        ]),
      ]);
    })
    .join("");
}

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      samples: { type: "string", default: "200000" },
      depth: { type: "string", default: "20" },
      functions: { type: "string", default: "2000" },
      threads: { type: "string", default: "8" },
      built: { type: "string", default: "1000000" },
      nodes: { type: "string", default: "0" },
      "only-built": { type: "boolean", default: false },
      copies: { type: "string", default: "1" },
      repeat: { type: "string", default: "3" },
      file: { type: "string" },
      seconds: { type: "string", default: "10" },
      only: { type: "string", default: "" },
      electron: { type: "boolean", default: false },
      live: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const sizes: Sizes = {
    samples: Number(values.samples),
    depth: Number(values.depth),
    functions: Number(values.functions),
    threads: Number(values.threads),
    nodes: Number(values.nodes),
  };
  const repeat = Number(values.repeat);
  if (positionals[0] === "ui") {
    const copies = values.copies.split(",").map(Number);
    const built = sizes.nodes > 0 ? { ...sizes, samples: Number(values.built) } : null;
    return void process.stdout.write(
      await benchPage({
        files: positionals.slice(1),
        copies,
        built,
        inElectron: values.electron,
        liveSeconds: values.live ? Number(values.seconds) : 0,
        json: values.json,
      }),
    );
  }
  if (positionals[0] === "observer")
    return void process.stdout.write(
      await benchObserver({
        repeat,
        seconds: Number(values.seconds),
        only: values.only,
        json: values.json,
      }),
    );
  if (positionals[0] === "compare")
    return void process.stdout.write(await compared(positionals.slice(1), sizes, repeat, values.json));
  if (values["only-built"]) {
    const { figures, peakMegabytes: peak } = runTask({
      measure: "build",
      file: "",
      sizes: { ...sizes, samples: Number(values.built) },
    });
    const rows = Object.entries({ ...figures, "peak MB": peak }).map(([name, value]) => [
      name,
      number(value),
    ]);
    const text = values.json
      ? `${JSON.stringify(figures, null, 2)}\n`
      : table("Build a profile in memory and ask it (ms)", [["", "value"], ...rows]);
    return void process.stdout.write(text);
  }
  const folder = mkdtempSync(join(tmpdir(), "flamewright-bench-"));
  try {
    const text = values.file ?? generate(folder, "perf-script", sizes);
    const inputs: Record<string, string> = {
      "perf script": text,
      collapsed: generate(folder, "collapsed", sizes),
      cpuprofile: generate(folder, "cpuprofile", sizes),
      session: await saveSession(folder, text),
    };
    const raw = medianRun({ measure: "read", file: text, sizes }, repeat);
    const files = Object.entries(inputs);
    const runs = files.map(([name, file]) => ({
      name,
      ...medianRun({ measure: "open", file, sizes }, repeat),
    }));
    const base = runs[0].figures.ms;
    const opened = runs.map((run) => ({ ...run, ofPerfScript: run.figures.ms / base }));
    const built = runTask({ measure: "build", file: "", sizes: { ...sizes, samples: Number(values.built) } });
    const asked = runTask({ measure: "ask", file: text, sizes });
    const written = runTask({ measure: "report", file: text, sizes });
    const followed = runTask({ measure: "live", file: text, sizes });
    const machine = { processor: cpus()[0]?.model ?? "", processors: cpus().length, node: process.version };
    if (values.json) {
      const report = { machine, sizes, raw, opened, built, asked, written, followed };
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      return;
    }
    const print = (part: string): void => void process.stdout.write(part);
    print(`${machine.processors} x ${machine.processor}, Node ${machine.node}; ${JSON.stringify(sizes)}\n`);
    print(
      table("Open a file", [
        ["format", "MB", "ms", "MB/s", "of perf script", "peak MB", "samples"],
        [
          "(reading only)",
          number(raw.figures.megabytes),
          number(raw.figures.ms),
          number((raw.figures.megabytes / raw.figures.ms) * 1e3),
          (raw.figures.ms / base).toFixed(2),
          number(raw.peakMegabytes),
          "",
        ],
        ...opened.map(({ name, figures, ofPerfScript, peakMegabytes }) => [
          name,
          number(figures.megabytes),
          number(figures.ms),
          number((figures.megabytes / figures.ms) * 1e3),
          ofPerfScript.toFixed(2),
          number(peakMegabytes),
          number(figures.samples),
        ]),
      ]),
    );
    const rows = (measured: Measured): string[][] => [
      ["", "value"],
      ...Object.entries(measured.figures).map(([name, value]) => [name, number(value)]),
      ["peak MB", number(measured.peakMegabytes)],
    ];
    print(table("Build a profile in memory and ask it (ms)", rows(built)));
    print(table("Ask the perf script (ms)", rows(asked)));
    print(table("Write it", rows(written)));
    print(table("Follow it live (64 KiB chunks, flame and timeline ten times a second)", rows(followed)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const at = process.argv.indexOf("--task");
await (at === -1 ? bench() : task(process.argv[at + 1]));
