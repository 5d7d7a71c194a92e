import { problemOf } from "../../base/result.ts";
import type { AskSpec, LaunchTarget, RecordRequest } from "../../model/recording.ts";
import type { Check, Host, Profiler, StderrFinding } from "../profiler.ts";
import { checkDisk, checkKind, checkLaunch, noSuchProcess, notYours, passed } from "./checks.ts";
import { baseName, commandText } from "./words.ts";

/** What recordings through V8's inspector have in common. */

/** Bit of SIGUSR1 in the masks of /proc/PID/status. */
const userSignalBit = 1n << 9n;

/** Programs that are Node, or scripts that Node runs. */
const nodePrograms = new Set([
  "node",
  "nodejs",
  "npm",
  "npx",
  "pnpm",
  "yarn",
  "tsx",
  "ts-node",
  "vite",
  "tsc",
]);

export const launchesNode = ({ argv }: LaunchTarget): boolean => nodePrograms.has(baseName(argv[0] ?? ""));

/** What runs JavaScript and is not Node: by name, what stands in the way, what to do. */
const relatives: readonly (readonly [RegExp, string, string])[] = [
  [
    /^deno$/,
    "Deno opens no inspector on a signal, which would end it.",
    "Start it with deno run --inspect and record its address, or record it with perf.",
  ],
  [/^bun$/, "Bun runs on JavaScriptCore, which has no V8 inspector.", "Record it with perf."],
  [
    /^(chrom(e|ium)|msedge|brave|electron)/,
    "A browser opens no inspector on a signal, which would end it.",
    "Start it with --remote-debugging-port=0 and record the address that it prints.",
  ],
];

/** Of whatever is recorded through an inspector. */
export async function inspectorChecks(
  host: Host,
  request: RecordRequest,
  { targets, title }: Pick<Profiler, "targets" | "title">,
): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, targets, title)];
  const { target } = request;
  if (target.kind === "pid") checks.push(...(await checkTarget(host, target.pid)));
  if (target.kind === "endpoint") checks.push(checkAddress(target.url));
  checks.push(...(await checkLaunch(host, request)));
  checks.push(await checkDisk(host));
  return checks;
}

async function checkTarget(host: Host, pid: number): Promise<readonly Check[]> {
  const target = await host.target(pid);
  if (target === null) return [noSuchProcess(pid)];
  if (!target.own) return [notYours(target, "Its inspector cannot be opened from here.")];
  if (target.runtime !== "node") {
    const kin = relatives.find(([pattern]) => pattern.test(target.name));
    return [
      {
        id: "not-node",
        title: "The process",
        status: "fail",
        found: `${target.name} does not run on Node.`,
        prevents: kin?.[1] ?? "It has no V8 inspector; the signal that opens one would end it.",
        fix: kin?.[2] ?? "Record it with perf.",
        consequence: "",
      },
    ];
  }
  const checks = [passed("process", "The process", `${target.name} ${pid}, of ${target.user}`)];
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec((await host.readText(`/proc/${pid}/status`)) ?? "")?.[1];
  const title = "Opening the inspector";
  if (caught !== undefined && (BigInt(`0x${caught}`) & userSignalBit) !== 0n) {
    checks.push(passed("inspector-signal", title, "the process listens to SIGUSR1"));
  } else {
    checks.push({
      id: "inspector-signal",
      title,
      status: "warn",
      found: "The process does not catch SIGUSR1.",
      prevents:
        "Its inspector can only be used if it is open already: the signal is not sent, it would end it.",
      fix: "Start it with node --inspect=127.0.0.1:0, without --disable-sigusr1.",
      consequence: "Any program of the same machine that finds the port can then run code in it.",
    });
  }
  return checks;
}

function checkAddress(url: string): Check {
  const title = "The address";
  if (/^(https?|wss?):\/\/[^\s/]+/.test(url)) return passed("address", title, url);
  return {
    id: "bad-address",
    title,
    status: "fail",
    found: `"${url}" is not an inspector's address.`,
    prevents: "There is nothing to connect to.",
    fix: "Give an address like http://127.0.0.1:9229, or the ws://... that Node or a browser prints.",
    consequence: "",
  };
}

export const heapSnapshotAsk: AskSpec = {
  title: "Heap snapshot",
  help: "Every object and who holds it, as a session of its own. The program stands still meanwhile: 0.2 s for 4 MB of heap, longer for more.",
};

/** For the person: how the inspector is reached, and which of its domains is asked. */
export function inspectorCommand(request: RecordRequest, pid: number, domain: string): string {
  const { target } = request;
  switch (target.kind) {
    case "launch": {
      const NODE_OPTIONS = [target.env.NODE_OPTIONS, inspectBreak].filter(Boolean).join(" ");
      return commandText({ argv: target.argv, env: { ...target.env, NODE_OPTIONS } });
    }
    case "endpoint":
      return `inspector ${target.url}`;
    default:
      return `kill -USR1 ${pid} (unless its inspector is open), then the inspector's ${domain} domain`;
  }
}

/** Port 0: a free one, so that two launches never meet. */
export const inspectBreak = "--inspect-brk=127.0.0.1:0";

export function readInspectorWords(line: string): StderrFinding | null {
  if (!/Starting inspector on .* failed: address already in use/.test(line)) return null;
  return {
    type: "problem",
    problem: problemOf(
      "inspector-port-taken",
      "Another process holds the inspector's port.",
      "Stop the other one, or start this one with --inspect-port=0.",
      line,
    ),
  };
}
