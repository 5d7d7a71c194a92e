import type { Check, Host } from "../profiler.ts";
import { passed } from "./checks.ts";

/**
 * What the kernel lets this user's profilers do. The doctor and the checks before a recording ask the same functions, so
 * that they cannot judge one machine differently. Reads only, and none of it needs root.
 */

export const untilBoot = "Until the next boot; a file in /etc/sysctl.d makes it last.";
export const kernelSetting = (name: string): string => `/proc/sys/kernel/${name}`;

export async function numberIn(host: Host, path: string): Promise<number | null> {
  const value = Number.parseInt((await host.readText(path)) ?? "", 10);
  return Number.isNaN(value) ? null : value;
}

export interface Rights {
  /** Capabilities that a program started here has: root's, or those that a user's programs inherit. */
  readonly names: readonly string[];
  /** What perf's own file was given. */
  readonly ofPerf: string;
  /** Capabilities that a container took from everybody in it, root included. */
  readonly barred: readonly string[];
  /** perf may sample everything. */
  readonly samples: boolean;
  /** May read the memory of any process. */
  readonly traces: boolean;
  /** Sees the kernel's addresses where kptr_restrict is 1. */
  readonly seesKernel: boolean;
}

/** Bits of the masks in /proc/self/status. https://man7.org/linux/man-pages/man7/capabilities.7.html */
const capabilities: readonly (readonly [bit: bigint, name: string])[] = [
  [19n, "CAP_SYS_PTRACE"],
  [21n, "CAP_SYS_ADMIN"],
  [34n, "CAP_SYSLOG"],
  [38n, "CAP_PERFMON"],
  [39n, "CAP_BPF"],
];

export async function rightsOf(host: Host): Promise<Rights> {
  const status = (await host.readText("/proc/self/status")) ?? "";
  const mask = (set: string, missing: bigint): bigint => {
    const digits = new RegExp(`^${set}:\\s+([0-9a-f]{1,16})$`, "m").exec(status)?.[1];
    return digits === undefined ? missing : BigInt(`0x${digits}`);
  };
  const bound = mask("CapBnd", -1n);
  // A program that root starts gets all that the bounding set leaves; a user's gets the ambient ones only.
  const held = host.uid === 0 ? bound : mask("CapAmb", 0n);
  const named = (bits: bigint): readonly string[] =>
    capabilities.filter(([bit]) => ((bits >> bit) & 1n) === 1n).map(([, name]) => name);
  const names = named(held);
  const ofPerf = await capabilitiesOfPerf(host);
  return {
    names,
    ofPerf,
    barred: named(~bound),
    samples:
      names.includes("CAP_PERFMON") ||
      names.includes("CAP_SYS_ADMIN") ||
      /cap_(perfmon|sys_admin)\b/.test(ofPerf),
    traces: names.includes("CAP_SYS_PTRACE"),
    seesKernel: names.includes("CAP_SYSLOG"),
  };
}

async function capabilitiesOfPerf(host: Host): Promise<string> {
  if (host.uid === 0) return "";
  const [perf, getcap] = await Promise.all([host.findTool("perf"), host.findTool("getcap")]);
  const said = perf === null || getcap === null ? null : await host.probe([getcap, perf]);
  return /cap_[a-z_,]+[+=][eip]+/.exec(said?.stdout ?? "")?.[0] ?? "";
}

export function checkCapabilities(host: Host, rights: Rights): Check {
  const title = "Capabilities";
  const held = rights.names.length === 0 ? "none that profilers use" : rights.names.join(", ");
  const ofPerf = rights.ofPerf === "" ? "" : `; perf's file has ${rights.ofPerf}`;
  // perf needs one of two: where it has either, the other is not missed.
  const missed = rights.barred.filter((name) => name === "CAP_SYS_PTRACE" || !rights.samples);
  if (host.uid !== 0 || missed.length === 0)
    return passed("capabilities", title, `Of what this user starts: ${held}${ofPerf}`);
  return {
    id: "capabilities",
    title,
    status: "warn",
    found: `Root has not all of its rights here; ${missed.join(", ")} were taken away`,
    prevents: [
      ...(rights.samples ? [] : ["perf is held to what perf_event_paranoid leaves to users."]),
      ...(rights.traces ? [] : ["py-spy, austin and rbspy may not read other users' processes."]),
    ].join(" "),
    fix: "Start the container with --cap-add=PERFMON --cap-add=SYS_PTRACE --cap-add=SYSLOG",
    consequence:
      "For the life of that container, whose root may then sample and read every process that it sees.",
  };
}

/**
 * perf_event_paranoid. The kernel's own levels end at 2; Debian, Ubuntu and Android refuse users altogether from 3 or 4
 * on. Which of the two this kernel does is asked of perf, with a sample of nothing.
 */
export async function checkSampling(host: Host, rights: Rights): Promise<Check> {
  const title = "Rights to sample";
  const level = await numberIn(host, kernelSetting("perf_event_paranoid"));
  if (level === null) {
    return {
      id: "no-perf-events",
      title,
      status: "warn",
      found: "perf_event_paranoid cannot be read: this kernel or container offers no performance events.",
      prevents: "perf may refuse to start.",
      fix: "Start the container with --cap-add PERFMON, or run outside it.",
      consequence: "The container may then sample other processes that it can see.",
    };
  }
  const found = `perf_event_paranoid is ${level}`;
  if (rights.samples)
    return passed("perf-event-paranoid", title, `${found}; this user may sample everything`);
  if (level <= 1) return passed("perf-event-paranoid", title, found);
  const refused = level >= 3 && !(await mayCount(host));
  return {
    id: "perf-event-paranoid",
    title,
    status: refused ? "fail" : "warn",
    found,
    prevents: refused
      ? "This kernel refuses perf to users without rights, even for their own processes."
      : "The kernel's side is not recorded: time in system calls shows under their callers.",
    fix: "sudo sysctl kernel.perf_event_paranoid=1",
    consequence: `${untilBoot} Users can then sample ${refused ? "their own processes and the kernel's side of them" : "the kernel's side of their own processes"}.`,
  };
}

/** Opens one event on a program that does nothing. */
async function mayCount(host: Host): Promise<boolean> {
  const [perf, nothing] = await Promise.all([host.findTool("perf"), host.findTool("true")]);
  if (perf === null || nothing === null) return false;
  const ran = await host.probe([perf, "stat", "-e", "cpu-clock:u", nothing]);
  return ran !== null && ran.code === 0;
}

/** Yama: 0 one's own processes, 1 one's own children only, 2 root only, 3 nobody until the next boot. */
export async function checkPtrace(
  host: Host,
  traces: boolean,
  /** The profiler that is about to record; null: those that read an interpreter's memory, in general. */
  tool: string | null,
): Promise<Check> {
  const title = "Rights to read a process's memory";
  const scope = await numberIn(host, kernelSetting("yama/ptrace_scope"));
  if (scope === null)
    return passed("ptrace-scope", title, "This kernel has no Yama: one's own processes may be read");
  const found = `ptrace_scope is ${scope}`;
  if (scope <= 0 || (scope < 3 && traces)) return passed("ptrace-scope", title, found);
  const forbidden = scope >= 3;
  const who = tool ?? "py-spy, austin and rbspy";
  return {
    id: "ptrace-scope",
    title,
    status: scope === 1 && tool === null ? "warn" : "fail",
    found,
    prevents: forbidden
      ? `${who} may read no process, not even as root.`
      : scope === 1
        ? `${who} may not read processes that they did not start themselves.`
        : `${who} may not read other processes.`,
    fix: forbidden
      ? "Remove kernel.yama.ptrace_scope=3 from /etc/sysctl.d and restart the machine."
      : "sudo sysctl kernel.yama.ptrace_scope=0",
    consequence: forbidden
      ? "Level 3 cannot be lowered before a restart; below it, root can read every process."
      : `${untilBoot} Every process can then read the memory of others of the same user.`,
  };
}

export async function checkKernelPointers(host: Host, rights: Rights): Promise<Check> {
  const title = "Addresses of the kernel";
  const level = (await numberIn(host, kernelSetting("kptr_restrict"))) ?? 0;
  const found = `kptr_restrict is ${level}`;
  if (level <= 0 || (level === 1 && rights.seesKernel)) return passed("kptr-restrict", title, found);
  return {
    id: "kptr-restrict",
    title,
    status: "warn",
    found,
    prevents: "Kernel frames show as addresses without names.",
    fix: "sudo sysctl kernel.kptr_restrict=0",
    consequence: `${untilBoot} Kernel addresses become readable, which helps attackers of the kernel.`,
  };
}

const usualQuotaKib = 516;

export async function checkBuffers(host: Host, rights: Rights): Promise<Check> {
  const title = "Memory for perf's buffers";
  const quotaKib = await numberIn(host, kernelSetting("perf_event_mlock_kb"));
  const found =
    quotaKib === null ? "perf_event_mlock_kb cannot be read" : `perf_event_mlock_kb is ${quotaKib}`;
  if (quotaKib === null || quotaKib >= usualQuotaKib || rights.samples)
    return passed("perf-mlock", title, found);
  return {
    id: "perf-mlock",
    title,
    status: "warn",
    found,
    prevents: "perf's buffers are small: samples are lost at high rates, or perf does not start.",
    fix: `sudo sysctl kernel.perf_event_mlock_kb=${usualQuotaKib}`,
    consequence: `${untilBoot} Each user may then lock that much memory a CPU.`,
  };
}
