import { type Problem, problemOf } from "../../base/result.ts";
import type { LaunchTarget, RecordRequest, TargetFacts, TargetInfo } from "../../model/recording.ts";
import {
  type Check,
  type ChunksSource,
  type Detection,
  type Fit,
  type Host,
  isProblem,
  type StderrFinding,
  type TargetKind,
} from "../profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./checks.ts";
import { baseName } from "./words.ts";

/** What the profilers that speak to a running JVM have in common: jcmd, and what keeps a JVM from answering. */

export const jcmdMissing: Problem = problemOf(
  "tool-missing",
  "jcmd, which speaks to running JVMs, is not installed.",
  "Install a JDK (a JRE has no jcmd): sudo apt install openjdk-17-jdk-headless",
);

/** jcmd and the version of the JDK that it comes from. */
export async function detectJcmd(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("jcmd");
  if (path === null) return jcmdMissing;
  const [said, setpriv] = await Promise.all([
    host.probe([path, "-J-version"], 15_000),
    host.findTool("setpriv"),
  ]);
  const text = `${said?.stderr ?? ""}${said?.stdout ?? ""}`;
  if (said === null || said.code !== 0) {
    return problemOf(
      "tool-failed",
      `${path} is there, but does not run.`,
      "Install the JDK again, or put the bin folder of another one first on PATH.",
      text.trim(),
    );
  }
  const version = /version "([^"]+)"/.exec(text)?.[1] ?? "";
  return { path, version, features: setpriv === null ? [] : ["setpriv"] };
}

/** 17 of "17.0.15", 8 of "1.8.0_412"; null where it says nothing. */
export function javaRelease(version: string): number | null {
  const found = /^(?:1\.)?(\d+)/.exec(version)?.[1];
  return found === undefined ? null : Number(found);
}

/** JFR is free and complete from 8u262 and 11 on. */
export function tooOldForJfr(version: string): boolean {
  const release = javaRelease(version);
  if (release === null || release >= 11) return false;
  if (release !== 8) return true;
  const update = /^(?:1\.8\.0_|8\.0\.|8u)(\d+)/.exec(version)?.[1];
  return update !== undefined && Number(update) < 262;
}

/** Was it started with the switch, as far as is known? */
export const hasFlag = (info: TargetInfo, facts: TargetFacts | null, flag: string): boolean =>
  facts?.flags.includes(flag) === true || info.command.split(" ").includes(flag);

/** The JVM's own launcher: what a script starts as a JVM is attached to once it runs. */
export const launchesJava = (launch: LaunchTarget): boolean => baseName(launch.argv[0] ?? "") === "java";

/** The compiler notes the place of every instruction: else time counts for the nearest place that it did note. */
export const exactPlaces: readonly string[] = ["-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints"];

/** First of all options, so that those of the command win. */
export const withJvmOptions = (launch: LaunchTarget, options: readonly string[]): LaunchTarget => ({
  ...launch,
  argv: [...launch.argv.slice(0, 1), ...options, ...launch.argv.slice(1)],
});

export interface JavaTool {
  readonly title: string;
  readonly targets: readonly TargetKind[];
  /** The JVM itself writes what it recorded, into a folder of the recording's. */
  readonly writesFiles: boolean;
}

/** What can be said of the request before the JVM is asked; `more` looks at the process once it is known. */
export async function javaChecks(
  host: Host,
  request: RecordRequest,
  tool: JavaTool,
  found: Detection | Problem,
  more: (info: TargetInfo, facts: TargetFacts | null) => readonly Check[],
): Promise<readonly Check[]> {
  const { target } = request;
  const checks: Check[] = [checkTool(found, tool), ...checkKind(request, tool.targets, tool.title)];
  if (target.kind === "launch")
    checks.push(...checkJavaLaunch(target, tool), ...(await checkLaunch(host, request)));
  if (target.kind === "pid") {
    const [info, facts] = await Promise.all([host.target(target.pid), host.facts(target)]);
    if (info === null) checks.push(noSuchProcess(target.pid));
    else {
      checks.push(checkProcess(host, info, tool), ...checkAttach(info, facts));
      checks.push(...checkContainer(info, facts, tool), ...more(info, facts));
    }
  }
  checks.push(await checkDisk(host));
  return checks;
}

function checkJavaLaunch(launch: LaunchTarget, tool: JavaTool): readonly Check[] {
  if (launchesJava(launch)) return [];
  return [
    {
      id: "not-java",
      title: "The command",
      status: "fail",
      found: `${launch.argv[0] ?? "The command"} is not java.`,
      prevents: `${tool.title} is started by options of the JVM, which are put behind the word java.`,
      fix: "Give the command that starts with java; or start the program by itself and pick its JVM from the list.",
      consequence: "",
    },
  ];
}

function checkTool(found: Detection | Problem, tool: JavaTool): Check {
  if (!isProblem(found)) return passed("java-tool", tool.title, `${found.path}, version ${found.version}`);
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

/** A JVM answers its own user and root; and what it writes for root it writes as its own user, where root alone may. */
function checkProcess(host: Host, info: TargetInfo, tool: JavaTool): Check {
  if (info.runtime !== "java" && info.runtime !== "unknown") {
    return {
      id: "not-java",
      title: "The process",
      status: "fail",
      found: `${info.name} ${info.pid} is no JVM.`,
      prevents: `${tool.title} asks the JVM itself, and there is none.`,
      fix: "Pick the process in which Java runs, perhaps a child of this one; for other programs use another profiler.",
      consequence: "",
    };
  }
  if (!info.own || (tool.writesFiles && info.uid !== host.uid)) {
    const why = info.own
      ? "It writes its recording as that user, and may not write into this recording's folder."
      : "A JVM takes requests from its own user only.";
    return notYours(info, why);
  }
  return passed("process", "The process", `${info.name} ${info.pid}, of ${info.user}`);
}

function checkAttach(info: TargetInfo, facts: TargetFacts | null): readonly Check[] {
  if (hasFlag(info, facts, "-Xrs")) {
    return [
      {
        id: "attach-disabled",
        title: "Attaching to the JVM",
        status: "fail",
        found: "It was started with -Xrs: it leaves SIGQUIT to the system.",
        prevents: "Tools that speak to a JVM wake it with SIGQUIT, of which this one would end.",
        fix: "Start it without -Xrs, or record it with perf, which needs no answer from it.",
        consequence: "The JVM then prints the stacks of its threads at Ctrl-Backslash.",
      },
    ];
  }
  if (!hasFlag(info, facts, "-XX:+DisableAttachMechanism")) return [];
  return [
    {
      id: "attach-disabled",
      title: "Attaching to the JVM",
      status: "fail",
      found: "It was started with -XX:+DisableAttachMechanism.",
      prevents: "No tool can speak to it.",
      fix: "Start it without -XX:+DisableAttachMechanism, or record it with perf, which needs no answer from it.",
      consequence: "Programs of the same user can then ask the JVM for its data, as they can of any other.",
    },
  ];
}

/** Where a JVM with a file system of its own writes its recording, and what has to be there for it. */
export const insideOf = (
  pid: number,
  facts: TargetFacts | null,
  copies: readonly string[] = [],
): Pick<ChunksSource, "inside"> =>
  facts?.namespaces.mount === true ? { inside: { root: `/proc/${pid}/root`, copies } } : {};

function checkContainer(info: TargetInfo, facts: TargetFacts | null, tool: JavaTool): readonly Check[] {
  if (facts === null || !(facts.namespaces.mount || facts.namespaces.pid)) return [];
  const place = info.container === "" ? "a container" : `the container ${info.container}`;
  const writes = facts.namespaces.mount && tool.writesFiles;
  return [
    {
      id: "in-container",
      title: "Container",
      status: "warn",
      found: `The JVM runs in ${place}${facts.namespaces.mount ? " with a file system of its own" : ""}, where its process id is ${facts.pidInside}.`,
      prevents: writes
        ? "It writes its recording into its own /tmp, from where it is taken: that needs room for it, and one that this user may write."
        : `The JVM's socket lies in its own /tmp (from here /proc/${info.pid}/root/tmp/.java_pid${facts.pidInside}): a jcmd older than JDK 11 does not look there.`,
      fix: writes
        ? `If it fails, run it inside: jcmd ${facts.pidInside} JFR.start settings=profile duration=60s filename=/tmp/recording.jfr, and open /proc/${info.pid}/root/tmp/recording.jfr a minute later.`
        : `If it fails, run it inside: jcmd ${facts.pidInside} ...`,
      consequence: writes
        ? "What was taken is removed from the container's /tmp at the end; it holds names of classes, methods and threads."
        : "",
    },
  ];
}

/** Of someone else's JVM nothing is known but that it is one. */
export function javaFit(target: TargetInfo, score: number, reason: string): Fit | null {
  if (target.runtime !== "java") return null;
  if (!target.own) return { score: 5, reason: `belongs to ${target.user}: a JVM answers its own user only` };
  return { score, reason };
}

/** Verbatim from jcmd of JDK 11 to 25. */
export function readJcmdWords(line: string): StderrFinding | null {
  const problem = (code: string, message: string, fix: string): StderrFinding => ({
    type: "problem",
    problem: problemOf(code, message, fix, line),
  });
  if (/is not secure/.test(line)) {
    return problem(
      "not-yours",
      "The JVM belongs to another user: its socket is not this user's, and jcmd does not trust it.",
      "Run Flamewright as the user of that JVM: sudo -u USER flamewright record --pid PID",
    );
  }
  if (/No such process/.test(line)) {
    return problem(
      "no-such-process",
      "The JVM has ended.",
      "Pick it again from the list: it may have started under another number.",
    );
  }
  if (/Operation not permitted|Permission denied/.test(line)) {
    return problem(
      "not-permitted",
      "The JVM may not be asked, or may not write into the recording's folder.",
      "Run Flamewright as the user of that JVM: sudo -u USER flamewright record --pid PID",
    );
  }
  if (/AttachNotSupportedException|AttachOperationFailedException|Unable to open socket file/.test(line)) {
    return problem(
      "attach-refused",
      "The JVM does not answer.",
      "It may be stopped or very busy, run in a container, or have been started with -XX:+DisableAttachMechanism. Try again, or use perf.",
    );
  }
  return null;
}

/** The tool ends with the workbench, even if that is killed. */
export const tiedToWorkbench = (found: Detection, argv: readonly string[]): readonly string[] =>
  found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--", ...argv] : argv;
