import type { OptionSpec } from "../profiler.ts";

/** Copied from the stack with every sample, for unwinding later. Deeper stacks are cut at the root end. */
export const dwarfStackBytes = 8192;
/** perf takes multiples of 8 below 64 KiB. */
const dwarfMaxStackBytes = 65_528;
const maxCount = 999_999_999;

/**
 * Names as perf lists them, with modifiers (":u"). No dot and no slash: perf would compile and load a file of that name, or
 * set a counter by hand.
 */
const eventName = "[A-Za-z][A-Za-z0-9_:-]*";
const processors = "\\d{1,5}(-\\d{1,5})?";

export const perfOptions: readonly OptionSpec[] = [
  {
    id: "rate",
    title: "Rate",
    help: "Samples a second and CPU. 99 suits production; 997 shows short work.",
    type: "number",
    default: 99,
    min: 1,
    max: 20_000,
    unit: "Hz",
  },
  {
    id: "events",
    title: "Events",
    help: "Names from perf list, with commas between: page-faults, cache-misses:u, sched:sched_switch. Each is a series of its own. Empty: time on the CPU.",
    type: "text",
    default: "",
    pattern: `(${eventName}( ?, ?${eventName}){0,31})?`,
    example: "page-faults,sched:sched_switch",
    suggestions: [
      "cpu-clock",
      "cycles",
      "instructions",
      "cache-misses",
      "branch-misses",
      "page-faults",
      "major-faults",
      "context-switches",
      "cpu-migrations",
      "sched:sched_switch",
      "syscalls:sys_enter_futex",
      "block:block_rq_issue",
    ],
  },
  {
    id: "count",
    title: "One sample every",
    help: "Takes a sample after so many events rather than at the rate. 0: at the rate; of tracepoints each one.",
    type: "number",
    default: 0,
    min: 0,
    max: maxCount,
    unit: "events",
  },
  {
    id: "callGraph",
    title: "Call graph",
    help: "Frame pointers are cheap, but skip callers in code built without them (libc, most packages). DWARF is complete and copies a piece of the stack with every sample. Branch records are Intel's, and see user code 32 calls deep. By itself: DWARF where the program keeps no frame pointers.",
    type: "choice",
    default: "auto",
    choices: [
      { value: "auto", title: "What suits the program" },
      { value: "fp", title: "Frame pointers" },
      { value: "dwarf", title: "DWARF" },
      { value: "lbr", title: "Branch records (LBR)" },
    ],
  },
  {
    id: "stackBytes",
    title: "Stack kept for DWARF",
    help: "Bytes of the stack that are copied with each DWARF sample. More reaches the root of deep stacks, and costs as much more.",
    type: "number",
    default: dwarfStackBytes,
    min: 1024,
    max: dwarfMaxStackBytes,
    unit: "bytes",
  },
  {
    id: "children",
    title: "Children",
    help: "Also records threads and processes that the target starts later.",
    type: "flag",
    default: true,
  },
  {
    id: "perThread",
    title: "One buffer a thread",
    help: "For targets that are pinned to few of many CPUs. Threads that start later are not recorded.",
    type: "flag",
    default: false,
  },
  {
    id: "kernel",
    title: "Kernel",
    help: "Also records the kernel's side of system calls and faults, where this user may.",
    type: "flag",
    default: true,
  },
  {
    id: "user",
    title: "User code",
    help: "Off: only the kernel's side is recorded.",
    type: "flag",
    default: true,
  },
  {
    id: "cpus",
    title: "CPUs",
    help: "Of a recording of the whole system: only these CPUs, as 0-3,8. Empty: all.",
    type: "text",
    default: "",
    pattern: `(${processors}(,${processors}){0,63})?`,
    example: "0-3,8",
  },
  {
    id: "cgroup",
    title: "Control group",
    help: "Of a recording of the whole system: only processes of this group, as a path below /sys/fs/cgroup. Empty: all.",
    type: "text",
    default: "",
    // What perf's own helper takes too: no comma, no step back.
    pattern: "(?!.*\\.\\.)([A-Za-z0-9_/][A-Za-z0-9_.:@/\\\\-]{0,1000})?",
    example: "system.slice/nginx.service",
  },
];
