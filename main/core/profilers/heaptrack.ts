import { type Problem, problemOf } from "../base/result.ts";
import type { LaunchTarget, RecordRequest } from "../model/recording.ts";
import type { Check, Detection, Host, Profiler, RecordingPlan, StderrFinding } from "./profiler.ts";
import { checkPtrace } from "./shared/check-rights.ts";
import { checkDisk, checkGdb, checkKind, checkLaunch, noSuchProcess, notYours } from "./shared/checks.ts";
import { type FifoSource, fifoPath } from "./shared/fifo-source.ts";

import { baseName, commandText } from "./shared/words.ts";

const title = "heaptrack";

const missing = problemOf(
  "tool-missing",
  "heaptrack is not installed.",
  "Install it: sudo apt install heaptrack (Fedora: dnf install heaptrack).",
);

/** Where its libraries lie, from where its script does. */
const libraryFolders = (script: string): readonly string[] => {
  const prefix = script.replace(/\/bin\/[^/]*$/, "");
  return [`${prefix}/lib/heaptrack`, `${prefix}/lib64/heaptrack`];
};

async function detect(host: Host): Promise<Detection | Problem> {
  const path = await host.findTool("heaptrack");
  const said = path === null ? null : await host.probe([path, "--version"]);
  if (path === null || said === null) return missing;
  const [setpriv, gdb] = await Promise.all([host.findTool("setpriv"), host.findTool("gdb")]);
  for (const folder of libraryFolders(path)) {
    // It is asked whether the file is there, not what is in it.
    if ((await host.readText(`${folder}/libheaptrack_preload.so`)) === null) continue;
    const features = [`${folderFeature}${folder}`];
    if (gdb !== null) features.push(`${gdbFeature}${gdb}`);
    if (setpriv !== null) features.push("setpriv");
    return { path, version: /\d+(\.\d+)+/.exec(said.stdout)?.[0] ?? "", features };
  }
  return problemOf(
    "tool-missing",
    "heaptrack's library is not where heaptrack looks for it.",
    "Install the whole package again: sudo apt install --reinstall heaptrack.",
  );
}

const folderFeature = "folder=";
const gdbFeature = "gdb=";
const featureOf = ({ features }: Detection, name: string, fallback: string): string =>
  features.find((each) => each.startsWith(name))?.slice(name.length) ?? fallback;

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const { target } = request;
  const checks: Check[] = [...checkKind(request, heaptrack.targets, title)];
  if (target.kind === "pid") checks.push(...(await checkAttach(host, target.pid)));
  if (target.kind === "launch") checks.push(...(await checkLaunch(host, request)), launchCost);
  checks.push(await checkDisk(host));
  return checks;
}

async function checkAttach(host: Host, pid: number): Promise<readonly Check[]> {
  const info = await host.target(pid);
  const facts = await host.facts({ kind: "pid", pid });
  const checks: Check[] = [];
  if (info === null) checks.push(noSuchProcess(pid));
  else if (!info.own) checks.push(notYours(info, "gdb may not put heaptrack's library into it."));
  checks.push(await checkGdb(host, title));
  if (facts?.libraries.some((path) => path.includes("libheaptrack")))
    checks.push({
      id: "already-tracked",
      title: "The process",
      status: "fail",
      found: "heaptrack is in this process already.",
      prevents: "It cannot be put into it twice.",
      fix: "Restart the program, or launch it with heaptrack.",
      consequence: "",
    });
  checks.push(await checkPtrace(host, host.uid === 0, title), attachCost);
  return checks;
}

/** Measured with pairs of malloc and free of 64 bytes: 1.2 times at 1.5 million a second beside other work, 30 times alone. */
const launchCost: Check = {
  id: "slowdown",
  title: "Speed of the program",
  status: "warn",
  found: "heaptrack keeps every allocation with its stack.",
  prevents:
    "About 1.2 times slower at a million allocations a second, up to 30 times slower in code that does nothing else; code that does not allocate runs at full speed.",
  fix: "Nothing needs to be done; for shares of time use perf.",
  consequence: "Nothing remains after the program's end.",
};

const attachCost: Check = {
  ...launchCost,
  id: "attach-stays",
  title: "Danger for the process",
  found: "gdb stops the process for about a quarter of a second and loads a library into it.",
  prevents:
    "heaptrack cannot be taken out again: the process goes on 1.2 to 30 times slower where it allocates, until it ends. What it allocated before is not known. gdb in a process is never without risk: a lock that is held at that moment can stop it for good.",
  fix: "In production launch a second instance with heaptrack instead, or watch the memory alone (proc-memory).",
  consequence: "A small process goes on reading what heaptrack writes until the target has ended.",
};

function plan(request: RecordRequest, _options: unknown, found: Detection, pid: number): RecordingPlan {
  const { target } = request;
  const folder = featureOf(found, folderFeature, "/usr/lib/heaptrack");
  const interpret = { argv: [`${folder}/libexec/heaptrack_interpret`] };
  const silent = problemOf(
    "no-output",
    "The program ended and heaptrack's library never wrote.",
    "It is not loaded into statically linked programs, nor into those with more rights than the user (setuid).",
  );
  const head = { importer: "heaptrack", rawExtension: "heaptrack", periodNs: 0, readStderr } as const;
  if (target.kind === "launch") {
    const launched = preloaded(target, `${folder}/libheaptrack_preload.so`);
    const source: FifoSource = { type: "fifo", inject: null, through: [interpret], silent, refused: silent };
    return {
      ...head,
      source,
      launch: { how: "held", target: launched },
      stackMethod: "every allocation",
      commands: [commandText(launched), `${commandText(interpret)} < ${fifoPath}`],
      remarks: [
        "Every allocation is counted, exactly. Programs that this one starts are not.",
        "What it had not freed when it ended counts as leaked, also what it could still reach.",
      ],
    };
  }
  const library = `${folder}/libheaptrack_inject.so`;
  const inject = [
    featureOf(found, gdbFeature, "gdb"),
    "--batch-silent",
    "-n",
    "-iex=set auto-solib-add off",
    "-p",
    String(pid),
    "--eval-command=sharedlibrary libc.so",
    `--eval-command=call (void) dlmopen(0x0, "${library}", 0x2)`,
    "--eval-command=sharedlibrary libheaptrack_inject",
    `--eval-command=call (void) heaptrack_inject("${fifoPath}")`,
    "--eval-command=detach",
  ];
  const source: FifoSource = {
    type: "fifo",
    inject: {
      kind: "run",
      argv: inject,
      // Else gdb asks servers for debug information while the target stands still.
      env: { DEBUGINFOD_URLS: "" },
      output: null,
      timeoutMs: 30_000,
      stopSignal: null,
    },
    through: [interpret],
    silent,
    refused: problemOf(
      "inject-failed",
      "gdb could not put heaptrack into the process.",
      "Its words are in the log. A program that is statically linked, or in a container with files of its own, has to be launched with heaptrack there.",
    ),
  };
  return {
    ...head,
    source,
    launch: null,
    stackMethod: "every allocation",
    commands: [commandText({ argv: inject }), `${commandText(interpret)} < ${fifoPath}`],
    remarks: [
      "What was allocated before is not known, and freeing it is not seen.",
      "heaptrack stays in the process until that ends: a small process goes on reading what it writes.",
    ],
  };
}

/** env sets what belongs to the program alone: the shell that holds it would be tracked as well. */
function preloaded(target: LaunchTarget, library: string): LaunchTarget {
  const own = target.env.LD_PRELOAD ?? "";
  return {
    ...target,
    argv: [
      "env",
      `LD_PRELOAD=${[library, own].filter(Boolean).join(":")}`,
      `DUMP_HEAPTRACK_OUTPUT=${fifoPath}`,
      ...target.argv,
    ],
  };
}

function readStderr(line: string): StderrFinding | null {
  const words = line.trim();
  if (/ptrace: Operation not permitted/.test(words))
    return {
      type: "problem",
      problem: problemOf(
        "not-permitted",
        "gdb may not attach to the process.",
        "Run Flamewright as its user or as root, and see `flamewright doctor` for ptrace_scope.",
        words,
      ),
    };
  return null;
}

const managed = /^(python|pypy|ruby|node|nodejs|java|deno|bun|php|perl)[\d.]*$/;

export const heaptrack: Profiler = {
  id: "heaptrack",
  title,
  summary:
    "Every allocation of a native program with its stack, live: what is still there, the peak, temporary allocations, leaks.",
  cost: "About 1.2 times slower at a million allocations a second, 30 times in code that does nothing else.",
  kinds: ["heap", "alloc"],
  targets: ["launch", "pid"],
  options: [],
  suits(target) {
    if (!target.own || target.runtime !== "native") return null;
    return { score: 10, reason: "every allocation from now on, live; stays in the process until it ends" };
  },
  suitsLaunch(launch) {
    if (managed.test(baseName(launch.argv[0] ?? ""))) return null;
    return { score: 25, reason: "every allocation with its stack, live: leaks, the peak, what is temporary" };
  },
  detect,
  lacks: ({ features }) =>
    features.some((feature) => feature.startsWith(gdbFeature))
      ? ""
      : "attaching to a program that runs: gdb is not there",
  preflight,
  plan,
};
