import type { Check, Host } from "../profiler.ts";
import { kernelSetting, numberIn, type Rights } from "./check-rights.ts";
import { noSuchProcess, notYours, passed } from "./checks.ts";
import { eventsOf } from "./perf-arguments.ts";

/** Checks of what perf alone is asked for. */

export async function checkTarget(host: Host, pid: number, privileged: boolean): Promise<Check> {
  const target = await host.target(pid);
  if (target === null) return noSuchProcess(pid);
  if (target.runtime === "kernel") {
    return {
      id: "kernel-thread",
      title: "The process",
      status: "fail",
      found: `${target.name} is a thread of the kernel.`,
      prevents: "It has no program that could be attached to.",
      fix: "Record the program that makes the kernel work: its samples include the kernel's side.",
      consequence: "",
    };
  }
  if (!target.own && !privileged) return notYours(target, "perf may not look into other people's processes.");
  return passed("process", "The process", `${target.name} ${pid}, of ${target.user}`);
}

/** The whole system is more than one's own processes. */
export async function checkSystemRights(host: Host, rights: Rights): Promise<Check> {
  const title = "Rights to record the whole system";
  const level = (await numberIn(host, kernelSetting("perf_event_paranoid"))) ?? 2;
  if (rights.samples) return passed("system-rights", title, "This user may sample everything");
  const found = `perf_event_paranoid is ${level}`;
  if (level <= 0) return passed("system-rights", title, found);
  return {
    id: "system-rights",
    title,
    status: "fail",
    found,
    prevents: "Users without rights may record their own processes only.",
    fix: "sudo sysctl kernel.perf_event_paranoid=0",
    consequence:
      "Until the next boot; a file in /etc/sysctl.d makes it last. Users can then see what every process runs.",
  };
}

/** Last branch records, as a call stack: of Intel's processors, seldom in a virtual machine. */
export async function checkBranches(host: Host): Promise<Check> {
  const title = "Branch records (LBR)";
  for (const device of ["cpu", "cpu_core"]) {
    const depth = await numberIn(host, `/sys/bus/event_source/devices/${device}/caps/branches`);
    if (depth !== null && depth > 0) return passed("branch-records", title, `${depth} branches deep`);
  }
  return {
    id: "branch-records",
    title,
    status: "fail",
    found: "The processor, or the virtual machine, offers perf no branch records.",
    prevents: "Stacks cannot be taken from them.",
    fix: "Choose frame pointers or DWARF as the call graph.",
    consequence: "Nothing is changed.",
  };
}

const listTimeoutMs = 15_000;
const namesShown = 4;

/** Whether perf knows the events that are asked for. */
export async function checkEvents(host: Host, perf: string, text: string): Promise<readonly Check[]> {
  const asked = eventsOf(text);
  if (asked.length === 0) return [];
  const title = "Events";
  const listed = await host.probe([perf, "list", "--no-desc"], listTimeoutMs);
  const known = listed === null ? new Set<string>() : namesIn(listed.stdout);
  // A perf that lists nothing judges for itself.
  const strays = known.size === 0 ? [] : asked.filter((event) => !known.has(plainName(event)));
  if (strays.length === 0) return [passed("events", title, asked.join(", "))];
  const near = [...known].filter((name) => strays.some((event) => isNear(name, event))).slice(0, namesShown);
  const isTracepoint = strays.some((event) => event.includes(":"));
  return [
    {
      id: "no-such-event",
      title,
      status: "fail",
      found: `perf does not list ${strays.join(", ")} here.`,
      prevents: isTracepoint
        ? "It cannot be recorded: there is no such tracepoint, or this user may not read the kernel's list of them."
        : "It cannot be recorded: the processor, or the virtual machine, may not count it.",
      fix: near.length > 0 ? `There are: ${near.join(", ")}. perf list has all.` : "Choose from: perf list",
      consequence: "Nothing is changed.",
    },
  ];
}

/** Without its modifiers, which say whose and how exactly: "cycles:upp". */
const plainName = (event: string): string => event.replace(/:[ukhGHpPSDIWeb]+$/, "");

const isNear = (name: string, event: string): boolean => {
  const wanted = plainName(event).split(":").at(-1) ?? "";
  return wanted.length > 3 && (name.includes(wanted) || wanted.includes(name));
};

/** "  cpu-cycles OR cycles                               [Hardware event]" */
function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, line = ""] of text.matchAll(/^ {2}(\S.*?)\s+\[/gm))
    for (const name of line.split(" OR ")) names.add(name.trim());
  return names;
}
