// Profilers of Python for the tests, from PyPI, pinned and checked by their hashes, in a folder of the user's cache.
// Run by itself it obtains them: node native-scripts/bootstrap/python-tools.mjs
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture, inRoot, say, which } from "./project.mjs";

const requirements = inRoot("native-scripts", "bootstrap", "python-tools.txt");
const limitMs = 120_000;

/** Another folder for every change of the list. */
function folder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const key = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  return join(cache, "flamewright", `python-tools-${key}`);
}

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

/** Installs them unless they are there; returns what went wrong, or "". */
export async function obtainPythonTools() {
  if (pythonToolsFolder() !== "") return "";
  if (which("python3") === "") return "there is no python3";
  const unborn = `${folder()}.${process.pid}`;
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
    [...pip, "--require-hashes", "--target", unborn, "--requirement", requirements],
    { timeoutMs: limitMs },
  );
  if (code === 0) {
    try {
      renameSync(unborn, folder());
    } catch (error) {
      // Another run was quicker.
      if (pythonToolsFolder() === "") throw error;
    }
  }
  rmSync(unborn, { recursive: true, force: true });
  return code === 0 ? "" : `pip could not install them: ${output.trim().split("\n").at(-1) ?? ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await obtainPythonTools();
  say(
    problem === "" ? `py-spy and austin are in ${pythonToolsFolder()}` : `No py-spy and austin: ${problem}.`,
  );
  process.exitCode = problem === "" ? 0 : 1;
}
