import { problemOf } from "../../base/result.ts";
import type { StderrFinding } from "../profiler.ts";

interface Phrase {
  readonly pattern: RegExp;
  finding(match: RegExpExecArray, line: string): StderrFinding;
}

const problem = (code: string, message: string, fix: string) => (_: RegExpExecArray, line: string) =>
  ({ type: "problem", problem: problemOf(code, message, fix, line) }) as const;

/** perf's own words (5.10 to 6.x), and what they mean for the person. */
const phrases: readonly Phrase[] = [
  {
    pattern: /Access to performance monitoring and observability operations is limited/,
    finding: problem(
      "not-permitted",
      "The kernel does not let this user sample the process.",
      "Record a process of your own, lower kernel.perf_event_paranoid, or give perf the right: sudo setcap cap_perfmon,cap_sys_ptrace,cap_syslog+ep $(which perf)",
    ),
  },
  {
    pattern:
      /Couldn't create thread\/CPU maps: No such process|sys_perf_event_open\(\) syscall returned with 3 \(/,
    finding: problem(
      "no-such-process",
      "The process ended before perf could attach.",
      "Pick it again from the list; to record it from its start, launch it from here.",
    ),
  },
  {
    pattern: /Couldn't create thread\/CPU maps: (.+)/,
    finding: problem(
      "tool-failed",
      "perf could not look at the process's threads.",
      "See perf's own words below.",
    ),
  },
  {
    pattern: /Permission error mapping pages/,
    finding: problem(
      "locked-memory-limit",
      "perf may not lock enough memory for its buffers.",
      "Choose frame pointers, or allow more: sudo sysctl kernel.perf_event_mlock_kb=8192 (until the next boot).",
    ),
  },
  {
    pattern: /failed to mmap with \d+|Cannot allocate memory/,
    finding: problem(
      "out-of-memory",
      "perf could not get memory for its buffers.",
      "Close other recordings, or choose frame pointers instead of DWARF.",
    ),
  },
  {
    pattern: /Too many events are opened|Too many open files/,
    finding: problem(
      "too-many-files",
      "The target has more threads than perf may open files for.",
      "Raise the limit in the shell that starts Flamewright (ulimit -n 65536), or switch off Children.",
    ),
  },
  {
    pattern: /sys_perf_event_open\(\) syscall returned with (\d+)/,
    finding: problem(
      "perf-events-refused",
      "The kernel refused to open the performance event.",
      "In a container it may need --cap-add PERFMON or another seccomp profile; see the kernel's words below.",
    ),
  },
  {
    pattern: /event syntax error: '(.+)'|invalid or unsupported event: '(.+)'|unknown tracepoint/,
    finding: problem(
      "no-such-event",
      "perf does not know one of the events.",
      "Choose from what perf list offers; tracepoints need the right to read /sys/kernel/tracing.",
    ),
  },
  {
    pattern: /no access to cgroup (\S+)/,
    finding: problem(
      "no-such-cgroup",
      "There is no such control group, or this user may not read it.",
      "Give its path below /sys/fs/cgroup; systemd-cgls lists them.",
    ),
  },
  {
    pattern: /not supported|Function not implemented/,
    finding: problem(
      "perf-events-unsupported",
      "This kernel does not support the event.",
      "Update linux-perf and the kernel so that they match; see perf's words below.",
    ),
  },
  {
    pattern: /No space left on device/,
    finding: problem(
      "disk-full",
      "The disk is full.",
      "Make room, then record again; what had arrived is kept.",
    ),
  },
  {
    // Each chunk is one overrun of the ring buffer: at least one sample.
    pattern: /Processed \d+ events and lost (\d+) chunks/,
    finding: (match) => ({ type: "lost", samples: Number(match[1]) }),
  },
  {
    // The total includes the lost ones.
    pattern: /Processed (\d+) samples and lost ([\d.]+)%/,
    finding: (match) => ({ type: "lost", samples: Math.round((Number(match[1]) * Number(match[2])) / 100) }),
  },
  {
    pattern: /Kernel address maps .* are restricted/,
    finding: () => ({
      type: "note",
      text: "Kernel frames have no names: kptr_restrict hides them from this user.",
    }),
  },
  {
    pattern: /throttling from (\d+) Hz to (\d+) Hz/,
    finding: (match) => ({
      type: "note",
      text: `The kernel allows ${match[2]} Hz at most, not ${match[1]} Hz.`,
    }),
  },
];

/** perf may count the same losses twice, as chunks and then as samples: the second count holds the first. */
export function createPerfStderrReader(): (line: string) => StderrFinding | null {
  let lost = 0;
  return (line) => {
    for (const { pattern, finding } of phrases) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const found = finding(match, line);
      if (found.type !== "lost") return found;
      const more = Math.max(found.samples - lost, 0);
      lost += more;
      return { type: "lost", samples: more };
    }
    return null;
  };
}
