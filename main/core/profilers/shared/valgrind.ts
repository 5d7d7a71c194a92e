import { type Problem, problemOf } from "../../base/result.ts";
import type { LaunchTarget, RecordRequest } from "../../model/recording.ts";
import type { Check, Detection, Host, OptionSpec, StderrFinding, TargetKind } from "../profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./checks.ts";
import { baseName } from "./words.ts";

/** What valgrind's tools for memory have in common. */

export const valgrindTargets: readonly TargetKind[] = ["launch"];

export async function detectValgrind(host: Host, title: string): Promise<Detection | Problem> {
  const path = await host.findTool("valgrind");
  const tool = path === null ? null : await host.probe([path, "--version"]);
  if (path === null || tool === null)
    return problemOf(
      "tool-missing",
      `valgrind, which ${title} is a part of, is not installed.`,
      "Install it: sudo apt install valgrind (Fedora: dnf install valgrind).",
    );
  return { path, version: /(\d+(?:\.\d+)+)/.exec(tool.stdout)?.[1] ?? "", features: [] };
}

export async function valgrindChecks(
  host: Host,
  request: RecordRequest,
  title: string,
  times: string,
): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, valgrindTargets, title)];
  checks.push(...(await checkLaunch(host, request)));
  if (request.target.kind === "launch") checks.push(slowdown(title, times));
  checks.push(await checkDisk(host));
  return checks;
}

/** As measured with Valgrind 3.19: on a loop that only counts, and on pairs of malloc and free of 64 bytes and nothing else. */
const slowdown = (title: string, times: string): Check => ({
  id: "slowdown",
  title: "Speed of the program",
  status: "warn",
  found: `${title} runs the program on a simulated processor, all its threads on one.`,
  prevents: `It runs ${times} slower than by itself, and what depends on time is not as in production.`,
  fix: "Give it a small piece of work; heaptrack counts allocations of native programs several times quicker.",
  consequence: "Nothing remains after the recording.",
});

export const valgrindLaunch = (
  request: RecordRequest,
  { path }: Detection,
  flags: readonly string[],
  /** false: it begins its log with its own name, so that there always is one. */
  quiet = true,
): LaunchTarget => {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [""], cwd: "", env: {} };
  return {
    ...target,
    argv: [path === "" ? "valgrind" : path, ...(quiet ? ["-q"] : []), ...flags, "--", ...target.argv],
  };
};

/** vgdb comes with valgrind. */
export const vgdbOf = ({ path }: Detection): string =>
  path.includes("/") ? `${path.slice(0, path.lastIndexOf("/"))}/vgdb` : "vgdb";

/** Rules of leaks that are known, as a file. */
export const suppressionsOption = (takes: string): OptionSpec => ({
  id: "suppressions",
  title: "Suppressions",
  help: `A file of leaks to leave out, as ${takes} takes it; an absolute path.`,
  type: "text",
  default: "",
  pattern: "(/[^\\s:]+)?",
  example: "/home/anna/known.supp",
});

export const managedPrograms = /^(python|pypy|ruby|node|nodejs|java|deno|bun|php|perl)[\d.]*$/;
export const isNative = (launch: LaunchTarget): boolean =>
  !managedPrograms.test(baseName(launch.argv[0] ?? ""));

export function readValgrindWords(line: string): StderrFinding | null {
  if (!/^(==\d+== )?valgrind: (Fatal|failed|mmap|.*(wrong ELF|cannot execute))/i.test(line)) return null;
  return {
    type: "problem",
    problem: problemOf("tool-failed", "valgrind could not run the program.", "See its own words.", line),
  };
}
