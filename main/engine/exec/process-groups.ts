/**
 * Every process group that we started and that still runs. When the workbench ends in any way that runs JavaScript,
 * they are ended too; when it is killed, closed pipes and --pdeathsig do it.
 */
const running = new Map<number, GroupRole>();
let listening = false;
let programsEnded = 0;

/** "tool": it records; "program": it is what is recorded. */
type GroupRole = "tool" | "program";

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

export const groups = {
  add(pid: number, role: GroupRole = "tool"): void {
    running.set(pid, role);
    if (listening) return;
    listening = true;
    process.on("exit", () => {
      for (const group of running.keys()) {
        send(group, "SIGCONT");
        send(group, "SIGTERM");
      }
    });
  },
  remove(pid: number): void {
    if (running.get(pid) === "program") programsEnded++;
    running.delete(pid);
  },
  /** The leaders of those that record, or of what is recorded. */
  of: (wanted: GroupRole): readonly number[] =>
    [...running].filter(([, role]) => role === wanted).map(([pid]) => pid),
  get programsEnded() {
    return programsEnded;
  },
  signal: send,
} as const;
