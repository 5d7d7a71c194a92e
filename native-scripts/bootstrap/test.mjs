// npm test [-- [--only unit,registry] [--no-install] [FILTER...]]: every check, with one line at the end that counts.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { canInstallPackages, inRoot, requireNode, root, run, say } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
const { problemOfTool, tools } = await import("./tools.mjs");

const minute = 60_000;
const binary = (name) => inRoot("node_modules", ".bin", name);

/** A check passes or fails as a whole; a suite is a vitest project and counts its tests. */
const steps = [
  { id: "types", kind: "check", command: [binary("tsc"), "--build"], limitMs: 5 * minute },
  { id: "lint", kind: "check", command: [binary("biome"), "check", "."], limitMs: 2 * minute },
  { id: "layers", kind: "check", command: [process.execPath, "test/layers.mjs"], limitMs: 2 * minute },
  { id: "unused", kind: "check", command: [binary("knip")], limitMs: 2 * minute },
  { id: "unit", kind: "suite", needs: ["cc", "zstd", "xz", "bzip2", "python3"], limitMs: 5 * minute },
  { id: "registry", kind: "suite", needs: [], limitMs: 5 * minute },
  {
    id: "real",
    kind: "suite",
    onBundles: true,
    needs: [
      "perf",
      "ps",
      "cc",
      "c++filt",
      "go",
      "callgrind_annotate",
      "python3",
      "py-spy",
      "austin",
      "java",
      "async-profiler",
      "zstd",
      "xz",
      "bzip2",
    ],
    limitMs: 12 * minute,
  },
  {
    id: "hosts",
    kind: "suite",
    onBundles: true,
    needs: [
      "perf",
      "ps",
      "cc",
      "go",
      "java",
      "python3",
      "py-spy",
      "git",
      "node-pty",
      "xvfb",
      "electron",
      "chromium",
    ],
    limitMs: 15 * minute,
  },
  {
    id: "e2e",
    kind: "suite",
    onBundles: true,
    needs: [
      "perf",
      "ps",
      "cc",
      "go",
      "java",
      "python3",
      "py-spy",
      "objdump",
      "xvfb",
      "electron",
      "chromium",
      "rsvg-convert",
    ],
    limitMs: 15 * minute,
  },
];

function readArguments() {
  const usage = `Usage: npm test [-- [--only ${steps.map((step) => step.id).join(",")}] [--no-install] [FILTER...]]`;
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: { only: { type: "string" }, "no-install": { type: "boolean" } },
    });
    const wanted = values.only?.split(",") ?? [];
    const unknown = wanted.filter((id) => !steps.some((step) => step.id === id));
    if (unknown.length > 0) throw new Error(`There is no step ${unknown.join(", ")}.`);
    const chosen = steps.filter(
      (step) =>
        (wanted.length === 0 || wanted.includes(step.id)) &&
        // A filter names test files: the checks have none.
        (positionals.length === 0 || step.kind === "suite" || wanted.includes(step.id)),
    );
    return { chosen, filters: positionals, mayInstall: values["no-install"] !== true };
  } catch (error) {
    say(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

const { chosen, filters, mayInstall } = readArguments();
const isCi = Boolean(process.env.CI);
const suites = chosen.filter((step) => step.kind === "suite");
const needed = new Set(suites.flatMap((step) => [...step.needs, ...namedByTests(step.id)]));

await ensureInstalled();
if (mayInstall) await installTools();
if (mayInstall && ["py-spy", "austin", "memray"].some((name) => needed.has(name))) await obtainForPython();
if (mayInstall && needed.has("async-profiler")) await obtainForJava();
await ensurePty({ mayInstallTools: mayInstall });
if (suites.some((step) => step.onBundles)) await ensureBuilt();
if (needed.has("electron")) await obtainTestElectron();

/** What the files of a suite ask for by name, `needs("go", "perf")`: whoever writes such a test has nothing to list here. */
function namedByTests(suite) {
  const files = readdirSync(inRoot("test", suite), { recursive: true }).filter((file) =>
    file.endsWith(".test.ts"),
  );
  const texts = files.map((file) => readFileSync(inRoot("test", suite, file), "utf8"));
  return texts
    .flatMap((text) => [...text.matchAll(/\bneeds\(([^)]*)\)/g)])
    .flatMap(([, names]) => [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name))
    .filter((name) => name in tools);
}

/** As root on Debian or Ubuntu: what the chosen suites need and the machine lacks. */
async function installTools() {
  if (!canInstallPackages()) return;
  const groups = new Set();
  // node-pty and Electron come later, and need their group's packages for it.
  for (const name of needed)
    if (tools[name].problem() !== "" && name !== "electron") groups.add(tools[name].group);
  if (needed.has("electron") && !hasElectronLibraries()) groups.add("electron");
  if (groups.size === 0) return;
  const code = await run("bash", [inRoot("native-scripts", "setup-debian.sh"), ...groups]);
  if (code !== 0) say("Not everything could be installed; the tests that need it are skipped.");
}

/** Electron is obtained after this; its libraries are known by name. */
function hasElectronLibraries() {
  const folders = [
    "/usr/lib",
    "/lib",
    `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`,
  ];
  return ["libgtk-3.so.0", "libnss3.so", "libasound.so.2", "libgbm.so.1"].every((name) =>
    folders.some((folder) => existsSync(join(folder, name))),
  );
}

async function obtainForPython() {
  const { obtainPythonTools } = await import("./python-tools.mjs");
  for (const problem of await obtainPythonTools()) say(problem);
}

async function obtainForJava() {
  const { obtainAsyncProfiler } = await import("./java-tools.mjs");
  const problem = await obtainAsyncProfiler();
  if (problem !== "") say(`No async-profiler: ${problem}.`);
}

async function obtainTestElectron() {
  const { obtainElectron } = await import("../../test/electron/obtain.mjs");
  const { electron, origin, problem } = await obtainElectron();
  if (electron) process.env.FLAMEWRIGHT_TEST_ELECTRON = electron.folder;
  say(electron ? `Electron ${electron.version} (${origin}): ${electron.folder}` : `No Electron: ${problem}.`);
}

const results = inRoot("artefacts", "results");
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/** @returns {Promise<{ passed: number, failed: number, skipped: { title: string, tools: string[] }[] }>} */
async function runSuite({ id, limitMs }) {
  const file = join(results, `${id}.json`);
  const started = performance.now();
  const code = await run(
    process.execPath,
    [
      inRoot("node_modules", "vitest", "vitest.mjs"),
      "run",
      "--project",
      id,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...(filters.length > 0 ? ["--passWithNoTests", ...filters] : []),
    ],
    { timeoutMs: limitMs },
  );
  const limitHit = performance.now() - started >= limitMs;
  if (!existsSync(file)) {
    say(limitHit ? `${id}: stopped after ${limitMs / minute} minutes.` : `${id}: no results.`);
    return { passed: 0, failed: 1, skipped: [] };
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  const tests = report.testResults.flatMap((suite) =>
    suite.assertionResults.map((test) => ({ ...test, file: relative(root, suite.name) })),
  );
  const count = (status) => tests.filter((test) => test.status === status).length;
  // A file that could not even be loaded has no tests that failed, but it failed.
  const broken = report.testResults.filter(
    (suite) => suite.status === "failed" && !suite.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = count("failed") + broken;
  const skipped = tests
    .filter((test) => test.status !== "passed" && test.status !== "failed")
    .map((test) => ({
      title: `${test.file}: ${test.fullName}`,
      tools: test.ancestorTitles.flatMap((title) => /\(needs ([^)]+)\)$/.exec(title)?.[1]?.split(", ") ?? []),
    }));
  // An error outside of any test also ends vitest with a code.
  return { passed: count("passed"), failed: code !== 0 ? Math.max(1, failed) : failed, skipped };
}

let passed = 0;
let failed = 0;
const skipped = [];
const failedSteps = [];

for (const step of chosen) {
  say(`\n=== ${step.id} ===`);
  const started = performance.now();
  let here = { passed: 0, failed: 0, skipped: [] };
  if (step.kind === "check") {
    const [command, ...args] = step.command;
    const code = await run(command, args, { timeoutMs: step.limitMs });
    if (code === 0) here.passed = 1;
    else here.failed = 1;
  } else here = await runSuite(step);
  passed += here.passed;
  failed += here.failed;
  skipped.push(...here.skipped);
  if (here.failed > 0) failedSteps.push(step.id);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${step.id}: ${here.failed > 0 ? "FAILED" : "passed"} in ${seconds} s`);
}

if (skipped.length > 0) {
  say(`\nSkipped${isCi ? ", which counts as failed because CI is set" : ""}:`);
  for (const { title } of skipped) say(`  ${title}`);
  for (const name of new Set(skipped.flatMap((test) => test.tools))) {
    if (!(name in tools)) continue;
    const reason = problemOfTool(name) || "it is there, but does not do here what the tests need";
    say(`  ${name}: ${reason}; enable with: ${tools[name].enable}`);
  }
}
if (failedSteps.length > 0) say(`\nFailed in: ${failedSteps.join(", ")}`);
const pictures = inRoot("artefacts", "screens");
if (existsSync(pictures)) say(`\n${readdirSync(pictures).length} screenshots are in artefacts/screens.`);

if (isCi) {
  failed += skipped.length;
  skipped.length = 0;
}
const words = [`${passed} passed`, `${failed} failed`];
if (skipped.length > 0) words.push(`${skipped.length} skipped`);
process.stdout.write(`${words.join(", ")}\n`);
process.exitCode = failed > 0 ? 1 : 0;
