/**
 * Every process group that we started and that still runs. When the workbench ends in any way that runs JavaScript,
 * they are ended too; when it is killed, closed pipes and --pdeathsig do it.
 */
const running = new Set<number>();
let listening = false;

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

export const groups = {
  add(pid: number): void {
    running.add(pid);
    if (listening) return;
    listening = true;
    process.on("exit", () => {
      for (const group of running) {
        send(group, "SIGCONT");
        send(group, "SIGTERM");
      }
    });
  },
  remove(pid: number): void {
    running.delete(pid);
  },
  signal: send,
} as const;
