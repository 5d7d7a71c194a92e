// npm test [-- [--only unit,registry] [--no-install] [FILTER...]]: every check, with one line at the end that counts.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { canInstallPackages, inRoot, requireNode, root, run, runBeside, say } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
const { problemOfTool, tools } = await import("./tools.mjs");

const minute = 60_000;
const binary = (name) => inRoot("node_modules", ".bin", name);

/**
 * A check passes or fails as a whole; a suite is a vitest project and counts its tests. What only computes (`isBeside`)
 * takes what the set-up and the suites of real programs leave of the processors, for those wait most of their time, and
 * must not be made to wait.
 */
const beside = { isBeside: true, limitMs: 25 * minute };
const steps = [
  { id: "types", kind: "check", ...beside, command: [binary("tsc"), "--build"] },
  { id: "lint", kind: "check", ...beside, command: [binary("biome"), "check", "."] },
  { id: "layers", kind: "check", ...beside, command: [process.execPath, "test/layers.mjs"] },
  { id: "unused", kind: "check", ...beside, command: [binary("knip")] },
  { id: "unit", kind: "suite", ...beside, needs: ["cc", "zstd", "xz", "bzip2", "python3"] },
  { id: "registry", kind: "suite", ...beside, needs: [] },
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
  // What it records has the machine for itself.
  {
    id: "real",
    kind: "suite",
    isAlone: true,
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
const needsOf = (step) => [...step.needs, ...namedByTests(step.id)];
const needed = new Set(suites.flatMap(needsOf));

const results = inRoot("artefacts", "results");
let rbspy = null;

async function setUp() {
  if (mayInstall) await installTools();
  // Built on a machine that is new, which takes minutes: beside everything up to the suite that needs it.
  if (mayInstall && needed.has("rbspy")) rbspy = obtainForRuby();
  if (mayInstall && ["py-spy", "austin", "memray"].some((name) => needed.has(name))) await obtainForPython();
  if (mayInstall && needed.has("async-profiler")) await obtainForJava();
  await ensurePty({ mayInstallTools: mayInstall });
  if (suites.some((step) => step.onBundles)) await ensureBuilt();
  if (needed.has("electron")) await obtainTestElectron();
}

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

async function obtainForRuby() {
  const { obtainRbspy } = await import("./ruby-tools.mjs");
  const problem = await obtainRbspy();
  if (problem !== "") say(`No rbspy: ${problem}.`);
}

async function obtainTestElectron() {
  const { obtainElectron } = await import("../../test/electron/obtain.mjs");
  const { electron, origin, problem } = await obtainElectron();
  if (electron) process.env.FLAMEWRIGHT_TEST_ELECTRON = electron.folder;
  say(electron ? `Electron ${electron.version} (${origin}): ${electron.folder}` : `No Electron: ${problem}.`);
}

/** @returns {Promise<{ passed: number, failed: number, skipped: { title: string, tools: string[] }[] }>} */
async function runSuite({ id, limitMs }, start) {
  const file = join(results, `${id}.json`);
  const code = await start(
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
  if (!existsSync(file)) {
    say(`${id}: no results.`);
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

async function runStep(step, start) {
  const started = performance.now();
  let outcome = { passed: 0, failed: 0, skipped: [] };
  if (step.kind === "suite" && needsOf(step).includes("rbspy")) await rbspy;
  if (step.kind === "check") {
    const [command, ...args] = step.command;
    const code = await start(command, args, { timeoutMs: step.limitMs });
    outcome = { ...outcome, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  } else outcome = await runSuite(step, start);
  const ms = performance.now() - started;
  const stopped = ms >= step.limitMs ? `, stopped after its ${step.limitMs / minute} minutes` : "";
  const words = `${step.id}: ${outcome.failed > 0 ? "FAILED" : "passed"} in ${(ms / 1000).toFixed(1)} s${stopped}`;
  return { ...outcome, words };
}

/** What ran beside a step is told after it, each in one piece. */
const untold = [];
const tellBeside = () => {
  for (const text of untold.splice(0)) say(text);
};

async function runAllBeside(steps, settingUp) {
  for (const step of steps) {
    // Checks need what npm installed alone.
    if (step.kind === "suite") await settingUp;
    let output = "";
    const outcome = await runStep(step, async (...call) => {
      const ended = await runBeside(...call);
      output += ended.output;
      return ended.code;
    });
    outcomes.set(step.id, outcome);
    untold.push(`\n=== ${step.id}, beside ===\n${output.trimEnd()}\n${outcome.words}`);
  }
}

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
await ensureInstalled();
const settingUp = setUp();
const outcomes = new Map();
// Steps that have nothing to run beside have the machine, and are told as they go.
const inFront = suites.every((step) => step.isBeside) ? chosen : chosen.filter((step) => !step.isBeside);
const allBeside = runAllBeside(
  chosen.filter((step) => !inFront.includes(step)),
  settingUp,
);
await settingUp;
for (const step of inFront) {
  if (step.isAlone) {
    await allBeside;
    tellBeside();
  }
  say(`\n=== ${step.id} ===`);
  const outcome = await runStep(step, run);
  outcomes.set(step.id, outcome);
  say(outcome.words);
  tellBeside();
}
await allBeside;
tellBeside();

const all = chosen.map(({ id }) => ({ id, ...outcomes.get(id) }));
const passed = all.reduce((sum, each) => sum + each.passed, 0);
let failed = all.reduce((sum, each) => sum + each.failed, 0);
const skipped = all.flatMap((each) => each.skipped);
const failedSteps = all.filter((each) => each.failed > 0).map(({ id }) => id);

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
