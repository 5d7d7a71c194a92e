import { setTimeout as delay } from "node:timers/promises";
import { type IPty, spawn } from "node-pty";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import type { LaunchTarget } from "#core/model/recording.ts";
import { readProc } from "../targets/proc-files.ts";
import { parseStat } from "../targets/stat.ts";
import { createLineSplitter, plainText } from "./lines.ts";
import { groups } from "./process-groups.ts";

export interface TerminalExit {
  readonly exitCode: number;
  /** Number of the signal that ended it; 0 for none. */
  readonly signal: number;
}

/** A program that was launched in a terminal of its own. */
export interface Terminal {
  readonly pid: number;
  readonly exited: Promise<TerminalExit>;
  /** null while it runs. */
  readonly exit: TerminalExit | null;
  /** To the whole group, as Ctrl-C in a terminal would. */
  signal(name: NodeJS.Signals): void;
}

const columns = 200;
const rows = 50;

export function startTerminal(
  argv: readonly string[],
  launch: Pick<LaunchTarget, "cwd" | "env">,
  onLine: (line: string) => void,
): Terminal {
  const [program = "", ...args] = argv;
  let child: IPty;
  try {
    child = spawn(program, args, {
      name: "dumb",
      cols: columns,
      rows,
      cwd: launch.cwd === "" ? process.cwd() : launch.cwd,
      env: { ...process.env, ...launch.env },
    });
  } catch (error) {
    throw new ProblemError(
      problemOf(
        "launch-failed",
        `"${program}" could not be started.`,
        "Check the command and its folder.",
        toProblem(error).detail,
      ),
    );
  }
  const lines = createLineSplitter((line) => onLine(plainText(line)));
  child.onData((text) => lines.push(text));
  groups.add(child.pid, "program");
  let exit: TerminalExit | null = null;
  const exited = new Promise<TerminalExit>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      lines.end();
      groups.remove(child.pid);
      exit = { exitCode, signal: signal ?? 0 };
      resolve(exit);
    });
  });
  return {
    pid: child.pid,
    exited,
    get exit() {
      return exit;
    },
    signal: (name) => {
      if (exit === null) groups.signal(child.pid, name);
    },
  };
}

const holdTimeoutMs = 5000;

/**
 * Starts a command that waits, stopped, until it gets SIGCONT: its pid is known, its first instruction has not run.
 * `holdScript` is native-scripts/hold-and-exec.sh; the command travels as positional parameters, no shell reads it.
 */
export async function startHeld(
  holdScript: string,
  launch: LaunchTarget,
  onLine: (line: string) => void,
): Promise<Terminal> {
  const terminal = startTerminal(["/bin/sh", holdScript, ...launch.argv], launch, onLine);
  const deadlineMs = performance.now() + holdTimeoutMs;
  while (terminal.exit === null && performance.now() < deadlineMs) {
    const line = readProc(`/proc/${terminal.pid}/stat`);
    if (line !== null && parseStat(line)?.state === "T") return terminal;
    await delay(2);
  }
  terminal.signal("SIGKILL");
  throw new ProblemError(
    problemOf(
      "launch-failed",
      `"${launch.argv[0]}" could not be started.`,
      "Check the command and its folder; the log has what the shell said.",
    ),
  );
}
