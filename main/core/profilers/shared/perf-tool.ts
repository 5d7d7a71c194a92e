import { type Problem, problemOf } from "../../base/result.ts";
import { type Check, type Detection, type Host, isProblem } from "../profiler.ts";
import { kernelSetting, numberIn, rightsOf } from "./check-rights.ts";
import { passed } from "./checks.ts";

/** perf as every profiler that runs it finds it. */

export async function detectPerf(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("perf");
  if (path === null) return missing;
  const version = await host.probe([path, "--version"]);
  if (version === null || version.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but does not run.`,
      "Install the perf that belongs to this kernel: sudo apt install linux-perf (Ubuntu: linux-tools-$(uname -r)).",
      version === null ? undefined : (version.stderr || version.stdout).trim(),
    );
  }
  const [setpriv, paranoid, rights, kernel] = await Promise.all([
    host.findTool("setpriv"),
    numberIn(host, kernelSetting("perf_event_paranoid")),
    rightsOf(host),
    host.readText(kernelSetting("osrelease")),
  ]);
  const features: string[] = [];
  // Both learnt it in 5.12.
  if (isSince(version.stdout, 5, 12) && isSince(kernel ?? "", 5, 12)) features.push("build-ids");
  if (setpriv !== null) features.push("setpriv");
  if (host.uid === 0) features.push("root");
  if (rights.samples || (paranoid ?? 2) <= 1) features.push("kernel");
  return { path, version: /\d+(\.\d+)+/.exec(version.stdout)?.[0] ?? version.stdout.trim(), features };
}

/** Whether the first version number in the text is that one or a later one. */
function isSince(text: string, major: number, minor: number): boolean {
  const [, first, second] = /(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}

const missing = problemOf(
  "tool-missing",
  "perf is not installed.",
  "Install it: sudo apt install linux-perf (Debian), sudo apt install linux-tools-$(uname -r) (Ubuntu), sudo dnf install perf (Fedora).",
);

export function checkPerf(found: Detection | Problem): Check {
  if (!isProblem(found)) return passed("perf", "perf", `${found.path}, version ${found.version}`);
  return {
    id: found.code,
    title: "perf",
    status: "fail",
    found: found.message,
    prevents: "Native programs cannot be recorded.",
    fix: found.fix,
    consequence: "Installs a package; it stays until it is removed and exposes nothing by itself.",
  };
}
