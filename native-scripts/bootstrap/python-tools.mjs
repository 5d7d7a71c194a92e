// Profilers of Python for the tests, from PyPI, pinned and checked by their hashes, in a folder of the user's cache.
// Run by itself it obtains them: node native-scripts/bootstrap/python-tools.mjs
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture, inRoot, say, which } from "./project.mjs";

const listed = (name) => inRoot("native-scripts", "bootstrap", `${name}.txt`);
const limitMs = 120_000;

/** Another folder for every change of the list. */
function folder(name = "python-tools") {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const key = createHash("sha256")
    .update(readFileSync(listed(name)))
    .digest("hex")
    .slice(0, 12);
  return join(cache, "flamewright", `${name}-${key}`);
}

/** What PYTHONPATH has to say for memray and memory_profiler, which run in the program's own interpreter. */
export const pythonMemoryFolder = () => folder("python-memory-tools");
export const pythonMemoryProblem = () =>
  existsSync(pythonMemoryFolder()) ? "" : "memray and memory_profiler were not obtained";

/** Where their programs lie; "" where they were not obtained. */
export function pythonToolsFolder() {
  const bin = join(folder(), "bin");
  return existsSync(bin) ? bin : "";
}

/** PATH with them in front, for tests. */
export const pathWithPythonTools = () =>
  [pythonToolsFolder(), process.env.PATH].filter(Boolean).join(delimiter);

/** "" where the program can be used. */
export function pythonToolProblem(name) {
  const bin = pythonToolsFolder();
  if (bin !== "" && existsSync(join(bin, name))) return "";
  return which(name) === "" ? `${name} is not installed` : "";
}

/** Installs a list unless it is there; returns what went wrong, or "". */
async function obtain(name) {
  if (existsSync(folder(name))) return "";
  if (which("python3") === "") return "there is no python3";
  const unborn = `${folder(name)}.${process.pid}`;
  mkdirSync(unborn, { recursive: true });
  const pip = [
    "-m",
    "pip",
    "--disable-pip-version-check",
    "install",
    "--quiet",
    "--no-deps",
    "--only-binary",
    ":all:",
  ];
  const { code, output } = await capture(
    "python3",
    [...pip, "--require-hashes", "--target", unborn, "--requirement", listed(name)],
    { timeoutMs: limitMs },
  );
  if (code === 0) {
    try {
      renameSync(unborn, folder(name));
    } catch (error) {
      // Another run was quicker.
      if (!existsSync(folder(name))) throw error;
    }
  }
  rmSync(unborn, { recursive: true, force: true });
  return code === 0 ? "" : `pip could not install them: ${output.trim().split("\n").at(-1) ?? ""}`;
}

/** Says which could not be had, and why. */
export async function obtainPythonTools() {
  const lists = { "python-tools": "py-spy and austin", "python-memory-tools": "memray and memory_profiler" };
  const problems = [];
  for (const [name, what] of Object.entries(lists)) {
    const problem = await obtain(name);
    if (problem !== "") problems.push(`No ${what}: ${problem}.`);
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = await obtainPythonTools();
  for (const problem of problems) say(problem);
  if (problems.length === 0) say(`Profilers of Python are in ${folder()} and ${pythonMemoryFolder()}.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
