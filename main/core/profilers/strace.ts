import { problemOf } from "../base/result.ts";
import type { Check, Profiler, Stage } from "./profiler.ts";
import { rightsOf } from "./shared/check-rights.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./shared/checks.ts";
import { flagOption, textOption } from "./shared/options.ts";
import { commandText, pipelineText } from "./shared/words.ts";

const title = "strace";
const missing = problemOf("tool-missing", "strace is not installed.", "Install it: sudo apt install strace.");

/** What strace can be told to look at; names of its own. */
const classes = [
  { value: "all", title: "All calls" },
  { value: "io", title: "Files, sockets and descriptors" },
  { value: "file", title: "Calls that name a file" },
  { value: "network", title: "Network" },
] as const;
const filterOf: Readonly<Record<string, readonly string[]>> = {
  io: ["-e", "trace=%desc,%file,%network"],
  file: ["-e", "trace=%file"],
  network: ["-e", "trace=%network"],
};

/** Measured: two stops a call, 40 to 170 µs by machine; a loop of one-byte reads and writes ran 100 times as long. */
const costCheck: Check = {
  id: "strace-cost",
  title: "What it costs",
  status: "warn",
  found: "strace stops the target twice at each system call: about 50 µs or more each",
  prevents:
    "A program that makes tens of thousands of calls a second runs many times slower; one that computes or waits hardly notices.",
  fix: "Record for a short time, or choose fewer calls (option “Calls”).",
  consequence: "The slowdown ends with the recording.",
};

/** Each system call with its arguments, result and duration. */
export const strace: Profiler = {
  id: "strace",
  title,
  summary:
    "Every system call with its file or peer, result and duration; stops the target twice at each, so it is slow.",
  kinds: ["syscalls", "io"],
  targets: ["pid", "launch"],
  options: [
    {
      id: "calls",
      title: "Calls",
      help: "What is recorded; the others are not stopped at.",
      type: "choice",
      default: "all",
      choices: classes,
    },
    {
      id: "stacks",
      title: "Stacks",
      help: "Also the stack of each call (-k), where strace was built with it; many times slower still.",
      type: "flag",
      default: false,
    },
  ],
  suits: (target) =>
    target.runtime === "kernel"
      ? null
      : {
          score: target.own ? 12 : 2,
          reason: "every system call with its file and duration, at a high price",
        },
  suitsLaunch: () => ({ score: 12, reason: "every system call with its file and duration, at a high price" }),
  detect: async (host) => {
    const path = await host.findTool("strace");
    if (path === null) return missing;
    const said = await host.probe([path, "--version"]);
    const setpriv = await host.findTool("setpriv");
    return {
      path,
      version: /version (\S+)/.exec(said?.stdout ?? "")?.[1] ?? "",
      features: setpriv === null ? [] : ["setpriv"],
    };
  },
  preflight: async (host, request) => {
    const { target } = request;
    const path = await host.findTool("strace");
    const checks: Check[] = [
      path === null
        ? {
            ...passed("tool-missing", title, missing.message),
            status: "fail",
            prevents: "System calls cannot be recorded.",
            fix: missing.fix,
            consequence: "Installs a package.",
          }
        : passed("strace", title, path),
      ...checkKind(request, ["pid", "launch"], title),
    ];
    const rights = await rightsOf(host);
    if (target.kind === "pid") {
      const info = await host.target(target.pid);
      if (info === null) return [...checks, noSuchProcess(target.pid)];
      if (!info.own && !rights.traces)
        return [...checks, notYours(info, "strace may not stop other people's processes.")];
      checks.push(passed("process", "The process", `${info.name} ${info.pid}, of ${info.user}`));
    }
    checks.push(...(await checkLaunch(host, request)), costCheck, await checkDisk(host));
    return checks;
  },
  plan: (request, options, found, pid) => {
    const calls = textOption(options, "calls", "all");
    const argv = [
      ...(found.features.includes("setpriv") ? ["setpriv", "--pdeathsig", "TERM", "--"] : []),
      found.path,
      "-f",
      "-ttt",
      "-T",
      "-yy",
      "-q",
      ...(flagOption(options, "stacks") ? ["-k"] : []),
      ...["-s", "128"],
      ...(filterOf[calls] ?? []),
      // Its own words go to stderr, the calls to stdout: a command of strace's, and the only one that it is given.
      ...["-o", "|cat"],
      ...["-p", String(pid)],
    ];
    const stages: readonly Stage[] = [{ argv }];
    const launch =
      request.target.kind === "launch" ? ({ how: "held", target: request.target } as const) : null;
    return {
      source: { type: "pipeline", stages, stopStage: 0, stopSignal: "SIGINT", control: null },
      launch,
      importer: "strace",
      rawExtension: "strace",
      stackMethod: flagOption(options, "stacks") ? "strace" : "",
      periodNs: 0,
      commands: [
        ...(launch === null ? [] : [commandText({ argv: launch.target.argv, env: launch.target.env })]),
        pipelineText(stages),
      ],
      remarks: ["The target is stopped twice at each call: it runs slower than it does alone."],
      readStderr: (line) =>
        /ptrace\(PTRACE_SEIZE, \d+\): Operation not permitted/.test(line)
          ? {
              type: "problem",
              problem: problemOf(
                "not-permitted",
                "The kernel does not let strace stop this process.",
                "Record a process of your own, launch it from here, or set kernel.yama.ptrace_scope to 0.",
                line,
              ),
            }
          : null,
    };
  },
};
