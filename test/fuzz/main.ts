import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProblemError } from "#core/base/result.ts";
import { memorySource } from "#core/bytes/source.ts";
import { defaultLimits } from "#core/importers/importer.ts";
import { importProfile } from "#core/importers/index.ts";
import { profileFault } from "#core/model/profile-check.ts";
import { everything } from "#core/model/query.ts";
import { mutate } from "./mutate.ts";

/**
 * `npm run fuzz`: damaged fixtures of every importer, for as long as you like. An import may end in a profile that
 * can be worked with or in a problem with words; anything else, more than the time or more memory than the file can
 * ask for is a finding, and the file that did it is kept. A finding is repeated by its seed.
 */
const help = `npm run fuzz -- [flags]
  --seconds N     how long (120)
  --seed N        the first seed (from the clock)
  --format ID     only fixtures of this importer
  --one           only this seed
`;

const MAX_CASE_MS = 30_000;
const MAX_IMPORTED_MB = 1500;

interface Fixture {
  readonly format: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

function readFixtures(folder: string, only: string): readonly Fixture[] {
  return readdirSync(folder)
    .filter((format) => only === "" || format === only)
    .sort()
    .flatMap((format) =>
      readdirSync(join(folder, format))
        .filter((name) => !name.endsWith(".golden.json"))
        .sort()
        .map((name) => {
          const packed = readFileSync(join(folder, format, name));
          const bytes = new Uint8Array(name.endsWith(".gz") ? gunzipSync(packed) : packed);
          return { format, name, bytes };
        }),
    );
}

interface Case {
  readonly fixture: Fixture;
  readonly seed: number;
  readonly bytes: Uint8Array;
}

function caseOf(fixtures: readonly Fixture[], seed: number): Case {
  const fixture = fixtures[seed % fixtures.length] as Fixture;
  const other = fixtures[(seed * 7919 + 1) % fixtures.length] as Fixture;
  return { fixture, seed, bytes: mutate(fixture.bytes, other.bytes, seed) };
}

/** What is wrong with how the importers took it, or "". */
async function faultOf(bytes: Uint8Array): Promise<string> {
  const before = process.memoryUsage().arrayBuffers;
  try {
    const profile = await importProfile(memorySource(bytes), {
      signal: new AbortController().signal,
      limits: defaultLimits,
      name: "",
      progress: () => undefined,
    });
    const fault = profileFault(profile);
    if (fault !== null) return `the profile is not one: ${fault}`;
    const grownMb = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
    if (grownMb > MAX_IMPORTED_MB) return `${Math.round(grownMb)} MiB for ${bytes.length} bytes`;
    const analyst = createAnalyst();
    analyst.answer(profile, { view: "info" });
    if (profile.series.length > 0) {
      analyst.answer(profile, { view: "top", selection: everything });
      analyst.answer(profile, { view: "flame", selection: everything, widthPx: 1000 });
    }
    return "";
  } catch (error) {
    if (error instanceof ProblemError && error.problem.fix !== "") return "";
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function work(): void {
  const { folder, only } = workerData as { readonly folder: string; readonly only: string };
  const fixtures = readFixtures(folder, only);
  parentPort?.on("message", (seed: number) => {
    void faultOf(caseOf(fixtures, seed).bytes).then((fault) => parentPort?.postMessage({ seed, fault }));
  });
}

async function fuzz(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "120" },
      seed: { type: "string", default: String(Date.now() % 1e9) },
      format: { type: "string", default: "" },
      one: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) {
    print(help);
    return 0;
  }
  const folder = join("test", "fixtures");
  const fixtures = readFixtures(folder, values.format);
  if (fixtures.length === 0) {
    print(`There are no fixtures of ${values.format}.`);
    return 2;
  }
  const kept = join("artefacts", "fuzz");
  const endMs = performance.now() + Number(values.seconds) * 1000;
  let seed = Number(values.seed);
  let worker: Worker | null = null;
  let cases = 0;
  let findings = 0;
  print(`${fixtures.length} fixtures, from seed ${seed}`);
  do {
    worker ??= new Worker(new URL(import.meta.url), {
      workerData: { folder, only: values.format },
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    });
    const fault = await answerOf(worker, seed);
    if (fault.lost) worker = null;
    if (fault.text !== "") {
      const { fixture, bytes } = caseOf(fixtures, seed);
      mkdirSync(kept, { recursive: true });
      const file = join(kept, `${fixture.format}-${seed}`);
      writeFileSync(file, bytes);
      print(`\n${file} (${fixture.name}, --seed ${seed} --one): ${fault.text}`);
      findings++;
    }
    cases++;
    seed++;
  } while (!values.one && performance.now() < endMs);
  await worker?.terminate();
  print(`\n${cases} files, ${findings} findings`);
  return findings > 0 ? 1 : 0;
}

/** `lost`: the worker is gone with it. */
function answerOf(worker: Worker, seed: number): Promise<{ readonly text: string; readonly lost: boolean }> {
  return new Promise((resolve) => {
    const settle = (text: string, lost: boolean): void => {
      clearTimeout(late);
      worker.off("message", told).off("error", died).off("exit", ended);
      if (lost) void worker.terminate();
      resolve({ text, lost });
    };
    const told = ({ fault }: { readonly fault: string }): void => settle(fault, false);
    const died = (error: Error): void => settle(`the thread died: ${error.message}`, true);
    const ended = (code: number): void => settle(`the thread ended with ${code}`, true);
    const late = setTimeout(() => settle(`more than ${MAX_CASE_MS / 1000} s`, true), MAX_CASE_MS);
    worker.on("message", told).on("error", died).on("exit", ended);
    worker.postMessage(seed);
  });
}

if (isMainThread) process.exitCode = await fuzz();
else work();
