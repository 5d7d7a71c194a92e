// async-profiler for the tests, from Maven Central, pinned and checked by its hash, in a folder of the user's cache.
// Run by itself it obtains it: node native-scripts/bootstrap/java-tools.mjs
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture, say, which } from "./project.mjs";

const version = "4.2";
/** By the architecture that Node names. */
const builds = {
  x64: { name: "linux-x64", sha256: "4c47b789da2eaf9ee3fc9fef117fa3df0dae461a035f370a9ff59acfde5b3db6" },
  arm64: { name: "linux-arm64", sha256: "87bd198e94f0e50b0dd5dc4ab6cea8388cf1e7f43665b48c462577793b9d6e37" },
};
const build = builds[process.arch];
const library = "libasyncProfiler.so";
const limitMs = 180_000;

const folder = () =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "flamewright", `async-profiler-${version}`);

/** Where the library lies; "" where it was not obtained. */
function asyncProfilerFolder() {
  const lib = join(folder(), build?.name ?? "");
  return existsSync(join(lib, library)) ? lib : "";
}

/** PATH with it in front, for tests. */
export const pathWithAsyncProfiler = (path = process.env.PATH) =>
  [asyncProfilerFolder(), path].filter(Boolean).join(delimiter);

/** "" where it can be used. */
export const asyncProfilerProblem = () =>
  asyncProfilerFolder() !== "" || which(library) !== "" ? "" : "async-profiler is not installed";

/** Obtains it unless it is there; returns what went wrong, or "". */
export async function obtainAsyncProfiler() {
  if (asyncProfilerFolder() !== "") return "";
  if (build === undefined || process.platform !== "linux") return "there is no build for this machine";
  for (const program of ["mvn", "jar"]) if (which(program) === "") return `there is no ${program}`;
  const unborn = `${folder()}.${process.pid}`;
  mkdirSync(unborn, { recursive: true });
  try {
    return await obtainInto(unborn);
  } finally {
    rmSync(unborn, { recursive: true, force: true });
  }
}

async function obtainInto(unborn) {
  const artifact = `tools.profiler:async-profiler:${version}:jar:${build.name}`;
  const copied = await capture(
    "mvn",
    ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${unborn}`],
    { timeoutMs: limitMs, cwd: unborn },
  );
  if (copied.code !== 0) return `Maven could not get it: ${copied.output.trim().split("\n").at(-1) ?? ""}`;
  const jar = join(unborn, `async-profiler-${version}-${build.name}.jar`);
  const found = createHash("sha256").update(readFileSync(jar)).digest("hex");
  if (found !== build.sha256) return `what came is not what was asked for (sha256 ${found})`;
  const unpacked = await capture("jar", ["xf", jar, build.name], { timeoutMs: limitMs, cwd: unborn });
  if (unpacked.code !== 0) return `it could not be unpacked: ${unpacked.output.trim()}`;
  // As it lies in its own releases; what is looked for on PATH must be executable.
  chmodSync(join(unborn, build.name, library), 0o755);
  try {
    renameSync(unborn, folder());
  } catch (error) {
    // Another run was quicker.
    if (asyncProfilerFolder() === "") throw error;
  }
  return "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await obtainAsyncProfiler();
  say(problem === "" ? `async-profiler is in ${asyncProfilerFolder()}` : `No async-profiler: ${problem}.`);
  process.exitCode = problem === "" ? 0 : 1;
}
