// rbspy for the tests, built from crates.io in a pinned version, in a folder of the user's cache.
// Run by itself it obtains it: node native-scripts/bootstrap/ruby-tools.mjs
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runBeside, say, which } from "./project.mjs";

const version = "0.55.0";
const limitMs = 900_000;

const folder = () =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "flamewright", `rbspy-${version}`);

/** Where it lies; "" where it was not obtained. */
function rbspyFolder() {
  const bin = join(folder(), "bin");
  return existsSync(join(bin, "rbspy")) ? bin : "";
}

/** PATH with it in front, for tests. */
export const pathWithRbspy = () => [rbspyFolder(), process.env.PATH].filter(Boolean).join(delimiter);

/** "" where it can be used. */
export const rbspyProblem = () =>
  rbspyFolder() !== "" || which("rbspy") !== "" ? "" : "rbspy is not installed";

/**
 * What makes the build short: it takes two minutes of a processor, most of them for the layouts of all versions of Ruby,
 * and optimised many more. As in a release, its own checks are off.
 */
const quickBuild = {
  CARGO_PROFILE_DEV_DEBUG: "0",
  CARGO_PROFILE_DEV_DEBUG_ASSERTIONS: "false",
  CARGO_PROFILE_DEV_OVERFLOW_CHECKS: "false",
  CARGO_PROFILE_DEV_STRIP: "symbols",
  CARGO_INCREMENTAL: "0",
};

/** Builds it, unless it is there, with what other work leaves of the processors; returns what went wrong, or "". */
export async function obtainRbspy() {
  if (rbspyFolder() !== "") return "";
  if (which("cargo") === "") return "there is no cargo";
  const unborn = `${folder()}.${process.pid}`;
  const target = join(unborn, "target");
  mkdirSync(unborn, { recursive: true });
  const flags = ["--locked", "--debug", "--quiet", "--no-track"];
  const { code, output } = await runBeside(
    "cargo",
    ["install", "rbspy", "--version", `=${version}`, ...flags, "--root", unborn, "--target-dir", target],
    { timeoutMs: limitMs, env: { ...process.env, ...quickBuild } },
  );
  rmSync(target, { recursive: true, force: true });
  if (code === 0) {
    try {
      renameSync(unborn, folder());
    } catch (error) {
      // Another run was quicker.
      if (rbspyFolder() === "") throw error;
    }
  }
  rmSync(unborn, { recursive: true, force: true });
  return code === 0 ? "" : `cargo could not build it: ${output.trim().split("\n").at(-1) ?? ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await obtainRbspy();
  say(problem === "" ? `rbspy is in ${rbspyFolder()}` : `No rbspy: ${problem}.`);
  process.exitCode = problem === "" ? 0 : 1;
}
