import type { Check, Host } from "../profiler.ts";
import {
  checkBuffers,
  checkCapabilities,
  checkKernelPointers,
  checkPtrace,
  checkSampling,
  kernelSetting,
  numberIn,
  rightsOf,
  untilBoot,
} from "./check-rights.ts";
import { checkDisk, isOlder, passed } from "./checks.ts";

/** What the kernel and its settings allow, whatever the profiler. Reads only, and none of it needs root. */

export async function checkMachine(host: Host): Promise<readonly Check[]> {
  const rights = await rightsOf(host);
  return [
    await checkSampling(host, rights),
    await checkPtrace(host, rights.traces, null),
    await checkKernelPointers(host, rights),
    await checkKernelSymbols(host),
    await checkBuffers(host, rights),
    await checkSampleRate(host),
    await checkTracefs(host),
    await checkTypes(host),
    checkCapabilities(host, rights),
    await checkPerfBuild(host),
    await checkContainer(host),
    await checkLoad(host),
    await checkDisk(host),
  ];
}

async function checkKernelSymbols(host: Host): Promise<Check> {
  const title = "Names of kernel functions";
  const text = await host.readText("/proc/kallsyms");
  const addresses = (text ?? "").slice(0, 1 << 14).matchAll(/^([0-9a-f]{8,16}) [tT] /gm);
  const known = [...addresses].some(([, address]) => !/^0+$/.test(address ?? ""));
  if (known) return passed("kernel-symbols", title, "/proc/kallsyms gives names and addresses");
  return {
    id: "kernel-symbols",
    title,
    status: "warn",
    found:
      text === null || text === ""
        ? "/proc/kallsyms cannot be read"
        : "/proc/kallsyms hides the addresses from this user",
    prevents: "Kernel frames show as addresses without names.",
    fix: "sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1",
    consequence: `${untilBoot} Kernel addresses become readable, which helps attackers of the kernel.`,
  };
}

const leastRateHz = 1000;

async function checkSampleRate(host: Host): Promise<Check> {
  const title = "Highest rate";
  const rateHz = await numberIn(host, kernelSetting("perf_event_max_sample_rate"));
  const found =
    rateHz === null
      ? "perf_event_max_sample_rate cannot be read"
      : `perf_event_max_sample_rate is ${rateHz} Hz`;
  if (rateHz === null || rateHz >= leastRateHz) return passed("max-sample-rate", title, found);
  return {
    id: "max-sample-rate",
    title,
    status: "warn",
    found: `${found}: the kernel lowers it when samples take too long`,
    prevents: "Higher rates are refused, or silently lowered.",
    fix: "sudo sysctl kernel.perf_event_max_sample_rate=100000",
    consequence: `${untilBoot} High rates may then take more of the CPU.`,
  };
}

async function checkTracefs(host: Host): Promise<Check> {
  const title = "Tracepoints";
  const mounts = (await host.readText("/proc/self/mounts")) ?? "";
  const folders = [...mounts.matchAll(/^\S+ (\S+) tracefs /gm)].map(([, folder]) => folder ?? "");
  const places = [...folders, "/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
  for (const folder of places)
    if ((await host.readText(`${folder}/README`)) !== null)
      return passed("tracefs", title, `tracefs at ${folder}`);
  const folder = folders[0];
  return {
    id: "tracefs",
    title,
    status: "warn",
    found:
      folder === undefined ? "tracefs is not mounted" : `tracefs at ${folder} cannot be read by this user`,
    prevents: "Tracepoints (system calls, scheduling, disk) cannot be recorded; CPU profiles can.",
    fix:
      folder === undefined
        ? "sudo mount -t tracefs nodev /sys/kernel/tracing"
        : `sudo mount -o remount,mode=755 ${folder}`,
    consequence:
      folder === undefined
        ? "Until the next boot; only root can read it then."
        : "Until the next boot; every user can then list the kernel's tracepoints.",
  };
}

async function checkTypes(host: Host): Promise<Check> {
  const title = "Types of the kernel (BTF)";
  if ((await host.readText("/sys/kernel/btf/vmlinux")) !== null)
    return passed("btf", title, "/sys/kernel/btf/vmlinux is there");
  return {
    id: "btf",
    title,
    status: "warn",
    found: "/sys/kernel/btf/vmlinux is not there",
    prevents: "Tools that use BPF cannot adapt to this kernel; perf's CPU profiles can be recorded.",
    fix: "Run a kernel that was built with CONFIG_DEBUG_INFO_BTF; those of Debian 11 and Ubuntu 20.10 and later are.",
    consequence: "Needs a restart into that kernel; exposes nothing.",
  };
}

/** Parts that perf may be built without, and what then does not work. */
const perfParts: readonly (readonly [name: RegExp, lack: string])[] = [
  [/^dwarf(_getlocations|-unwind-support)?$/, "stacks by DWARF"],
  [/^libelf$/, "names of functions"],
  [/^zstd$/, "compressed recordings"],
  [/^libpython$/, "scripts in Python"],
];

async function checkPerfBuild(host: Host): Promise<Check> {
  const title = "What perf can do";
  const perf = await host.findTool("perf");
  if (perf === null)
    return {
      id: "perf-build",
      title,
      status: "warn",
      found: "perf is not on PATH",
      prevents: "Native programs and the kernel cannot be sampled.",
      fix: "sudo apt install linux-perf",
      consequence:
        "It stays until it is removed and exposes nothing by itself. Ubuntu: linux-tools-$(uname -r).",
    };
  const [version, build] = await Promise.all([
    host.probe([perf, "--version"]),
    host.probe([perf, "version", "--build-options"]),
  ]);
  const number = /\d+(\.\d+)+/.exec(version?.stdout ?? "")?.[0] ?? "of unknown version";
  if (isOlder(number, 5, 10))
    return {
      id: "perf-build",
      title,
      status: "fail",
      found: `perf ${number} is older than 5.10`,
      prevents: "It has no --control: nothing could tell it when to begin, and perf cannot record here.",
      fix: "sudo apt install linux-perf",
      consequence: "Replaces the perf that is there by the distribution's; exposes nothing by itself.",
    };
  const kernel = /^\d+\.\d+/.exec((await host.readText(kernelSetting("osrelease"))) ?? "")?.[0] ?? "";
  const states = [...(build?.stdout ?? "").matchAll(/^\s*([\w-]+): \[ *(on|OFF) *\]/gm)];
  const off = states.filter(([, , state]) => state === "OFF").map(([, name]) => name ?? "");
  const lacks = perfParts.filter(([name]) => off.some((part) => name.test(part))).map(([, lack]) => lack);
  const about = `perf ${number}${kernel === "" ? "" : ` on kernel ${kernel}`}`;
  const grave = lacks.filter((lack) => lack === "stacks by DWARF" || lack === "names of functions");
  const found = lacks.length === 0 ? about : `${about}, built without ${lacks.join(", ")}`;
  if (grave.length === 0) return passed("perf-build", title, found);
  return {
    id: "perf-build",
    title,
    status: "warn",
    found,
    prevents: `There will be no ${grave.join(" and no ")}.`,
    fix: "sudo apt install linux-perf",
    consequence: "Replaces the perf that is there by the distribution's; exposes nothing by itself.",
  };
}

async function checkContainer(host: Host): Promise<Check> {
  const title = "Container";
  const status = (await host.readText("/proc/self/status")) ?? "";
  const nested = /^NSpid:[ \t]+\d+[ \t]+\d/m.test(status);
  const marked =
    (await host.readText("/.dockerenv")) !== null || (await host.readText("/run/.containerenv")) !== null;
  if (!nested && !marked) return passed("container", title, "The workbench does not run in one");
  return {
    id: "container",
    title,
    status: "warn",
    found: "The workbench runs in a container",
    prevents: "Processes outside it are not listed, and its seccomp rules may refuse perf and ptrace.",
    fix: "Run Flamewright on the host, or the container with --pid=host --cap-add=PERFMON --cap-add=SYS_PTRACE",
    consequence: "For the life of that container, which can then see and read processes of the host.",
  };
}

async function checkLoad(host: Host): Promise<Check> {
  const title = "Load";
  const load = Number.parseFloat((await host.readText("/proc/loadavg")) ?? "");
  const cpus = ((await host.readText("/proc/stat")) ?? "").match(/^cpu\d+ /gm)?.length ?? 0;
  const memory = (await host.readText("/proc/meminfo")) ?? "";
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(memory)?.[1] ?? NaN);
  const scarce = kib("MemAvailable") / kib("MemTotal") < 0.05;
  const busy = cpus > 0 && load > cpus * 2;
  const swapped = kib("SwapTotal") > 0 && kib("SwapFree") / kib("SwapTotal") < 0.1;
  const found = Number.isNaN(load)
    ? "The load cannot be read"
    : `${load} tasks want to run on ${cpus} ${cpus === 1 ? "CPU" : "CPUs"}`;
  if (!scarce && !busy && !swapped) return passed("load", title, found);
  const memoryWords = scarce ? "; memory is nearly full" : swapped ? "; the swap is nearly full" : "";
  return {
    id: "load",
    title,
    status: "warn",
    found: `${found}${memoryWords}`,
    prevents:
      "Profilers fall behind and lose samples, and programs wait for others rather than for themselves.",
    fix: "ps -eo pid,pcpu,rss,args --sort=-pcpu",
    consequence: "It only lists what is busy; what you end is up to you.",
  };
}
