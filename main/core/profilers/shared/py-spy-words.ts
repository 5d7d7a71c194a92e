import { type Problem, problemOf } from "../../base/result.ts";
import type { StderrFinding } from "../profiler.ts";

export const pySpyMissing: Problem = problemOf(
  "tool-missing",
  "py-spy is not installed.",
  "Install it: pipx install py-spy, or pip install --user py-spy; it needs no change to the program.",
);

/** py-spy's own words (0.3 and 0.4), and what they mean for the person. */
const problems: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /Permission Denied|Operation not permitted|EPERM/i,
    "not-permitted",
    "The kernel does not let this user look into the process.",
    "Record a process of your own; check kernel.yama.ptrace_scope; in a container, start it with --cap-add SYS_PTRACE.",
  ],
  [
    /Unsupported version of Python|Unsupported python version|version not supported/i,
    "python-unsupported",
    "This py-spy does not know the target's version of Python.",
    "Update it: pipx upgrade py-spy, or pip install --user --upgrade py-spy. Until it knows the version, use perf with python -X perf.",
  ],
  [
    /Failed to find python version from target process|No python processes found in process/,
    "not-python",
    "py-spy found no Python interpreter in the process.",
    "Pick the process in which Python runs, perhaps a child of this one. If it only just started, try again.",
  ],
  [
    /Failed to get process executable name|No such process|Check that the process is running/,
    "no-such-process",
    "The process ended before py-spy could look at it.",
    "Pick it again from the list; to record it from its start, launch it from here.",
  ],
  [
    /Failed to (?:find|locate) a? ?(?:python interpreter|interpreter)|Failed to find PyInterpreterState/i,
    "interpreter-not-found",
    "py-spy could not find the interpreter's state in the process's memory.",
    "The interpreter may be starting up, or be stripped in an unusual way: try again, update py-spy, or use perf.",
  ],
];

export function readPySpyWords(line: string): StderrFinding | null {
  for (const [pattern, code, message, fix] of problems) {
    if (pattern.test(line)) return { type: "problem", problem: problemOf(code, message, fix, line) };
  }
  if (/s behind in sampling/.test(line)) {
    return {
      type: "note",
      text: "py-spy fell behind its rate and then sampled in bursts: idle threads may look busy. Lower the rate.",
    };
  }
  // Errors: samples that were tried in vain.
  const failed = Number(/Samples: \d+ Errors: (\d+)/.exec(line)?.[1] ?? 0);
  return failed > 0 ? { type: "lost", samples: failed } : null;
}
