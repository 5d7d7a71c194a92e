import { type Problem, problemOf } from "../../base/result.ts";
import type { LaunchTarget, RecordRequest, TargetInfo } from "../../model/recording.ts";
import type { Check, Detection, Host } from "../profiler.ts";
import { isProblem, type TargetKind } from "../profiler.ts";
import { checkPtrace } from "./check-rights.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./checks.ts";
import { baseName } from "./words.ts";

/** What the profilers that read the memory of an interpreter (py-spy, austin, rbspy) have in common. */

export interface InterpreterTool {
  readonly program: string;
  readonly title: string;
  readonly missing: Problem;
  readonly runtime: "python" | "ruby";
  readonly targets: readonly TargetKind[];
}

/** Finds the tool and its version, and whether it may trace everything: as root, or by a capability of its file. */
export async function detectTool(host: Host, tool: InterpreterTool): Promise<Detection | Problem> {
  const path = await host.findTool(tool.program);
  if (path === null) return tool.missing;
  const said = await host.probe([path, "--version"]);
  if (said === null || said.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but does not run.`,
      // austin 4 is built for glibc 2.38, which Debian 12 and Ubuntu 22.04 do not have.
      `Install another version of ${tool.title}: this one may need a newer system than this is.`,
      said === null ? undefined : (said.stderr || said.stdout).trim(),
    );
  }
  const [setpriv, stdbuf, getcap] = await Promise.all([
    host.findTool("setpriv"),
    host.findTool("stdbuf"),
    host.uid === 0 ? null : host.findTool("getcap"),
  ]);
  const capabilities = getcap === null ? null : await host.probe([getcap, path]);
  const features: string[] = [];
  if (setpriv !== null) features.push("setpriv");
  if (stdbuf !== null) features.push("stdbuf");
  if (host.uid === 0 || /cap_sys_ptrace\b/.test(capabilities?.stdout ?? "")) features.push("ptrace");
  return { path, version: /\d+(\.\d+)+/.exec(said.stdout)?.[0] ?? said.stdout.trim(), features };
}

export async function interpreterChecks(
  host: Host,
  request: RecordRequest,
  tool: InterpreterTool,
): Promise<readonly Check[]> {
  const found = await detectTool(host, tool);
  const { target } = request;
  const privileged = !isProblem(found) && found.features.includes("ptrace");
  const checks: Check[] = [checkTool(found, tool), ...checkKind(request, tool.targets, tool.title)];
  if (target.kind === "pid") {
    const info = await host.target(target.pid);
    checks.push(info === null ? noSuchProcess(target.pid) : checkProcess(info, privileged, tool));
    if (info !== null && info.container !== "" && !privileged) checks.push(inContainer(info, tool));
  }
  checks.push(...(await checkLaunch(host, request)));
  checks.push(await checkPtrace(host, privileged, tool.title));
  checks.push(await checkDisk(host));
  return checks;
}

function checkTool(found: Detection | Problem, tool: InterpreterTool): Check {
  if (!isProblem(found)) return passed(tool.program, tool.title, `${found.path}, version ${found.version}`);
  return {
    id: found.code,
    title: tool.title,
    status: "fail",
    found: found.message,
    prevents: `Nothing can be recorded with ${tool.title}.`,
    fix: found.fix,
    consequence: "Installs a program; it stays until it is removed and exposes nothing by itself.",
  };
}

const languages = { python: "Python", ruby: "Ruby" } as const;

function checkProcess(info: TargetInfo, privileged: boolean, tool: InterpreterTool): Check {
  const language = languages[tool.runtime];
  if (!info.own && !privileged) return notYours(info, `${tool.title} may not read its memory.`);
  if (info.runtime !== tool.runtime && info.runtime !== "unknown") {
    // A program may have the interpreter built in, where nobody sees it from outside.
    const mayHave = info.runtime === "native";
    return {
      id: `not-${tool.runtime}`,
      title: "The process",
      status: mayHave ? "warn" : "fail",
      found: `${info.name} ${info.pid} is no ${language} program, as far as can be seen.`,
      prevents: `${tool.title} reads the ${language} interpreter${mayHave ? "; without one it ends at once" : ", and there is none"}.`,
      fix: `Pick the process in which ${language} runs, perhaps a child of this one; for other programs use another profiler.`,
      consequence: "",
    };
  }
  return passed("process", "The process", `${info.name} ${info.pid}, of ${info.user}`);
}

function inContainer(info: TargetInfo, tool: InterpreterTool): Check {
  return {
    id: "in-container",
    title: "Container",
    status: "warn",
    found: `${info.name} ${info.pid} runs in ${info.container}.`,
    prevents: `If that has file systems of its own, ${tool.title} finds the interpreter's files only as root.`,
    fix: `If it fails: run Flamewright as root for this recording, or ${tool.title} in the container, started with --cap-add SYS_PTRACE.`,
    consequence: "Programs with SYS_PTRACE in the container can read the memory of all others in it.",
  };
}

/** An interpreter by its name, or a script that names its language by its ending. */
export const launchesPython = (launch: LaunchTarget): boolean =>
  /^(?:python|pypy)[\d.]*$/.test(baseName(launch.argv[0] ?? "")) || /\.py$/.test(launch.argv[0] ?? "");

export const launchesRuby = (launch: LaunchTarget): boolean =>
  /^ruby[\d.]*$/.test(baseName(launch.argv[0] ?? "")) || /\.rb$/.test(launch.argv[0] ?? "");

/** The tool ends with the workbench, even if that is killed. */
export const tied = (found: Detection, argv: readonly string[]): readonly string[] =>
  found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--", ...argv] : argv;
