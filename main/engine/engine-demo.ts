import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Disposable } from "#core/base/disposable.ts";
import { throwProblem } from "#core/base/result.ts";
import type { Host } from "#core/profilers/profiler.ts";

export interface Demo extends Disposable {
  /** Starts the bundled program, or gives the one that runs. */
  start(): Promise<{ readonly pid: number }>;
}

/**
 * A target for the first look. It runs under the Node that runs us; under Electron under the one on PATH, because
 * packages forbid Electron (by a fuse) to be Node. Where there is none it says so: a thread of our own would show
 * nothing of what a process looks like from outside.
 */
export function createDemo(script: string, host: Pick<Host, "findTool">): Demo {
  let child: ChildProcess | null = null;

  const program = async (): Promise<string> => {
    if (process.versions.electron === undefined) return process.execPath;
    return (
      (await host.findTool("node")) ??
      throwProblem(
        "no-demo",
        "The demo program needs Node, which is not installed here.",
        "Pick any process of the list instead, or install Node (sudo apt install nodejs).",
      )
    );
  };

  return {
    start: async () => {
      if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
        return { pid: child.pid };
      const started = spawn(await program(), [script], { stdio: ["pipe", "pipe", "ignore"] });
      child = started;
      // Before it says so, Node has not yet taken over SIGUSR1, which would end it.
      await new Promise<void>((resolve, reject) => {
        const lines = createInterface(started.stdout);
        lines.on("line", (line) => {
          if (line.startsWith("ready ")) resolve();
        });
        started.once("error", reject);
        started.once("exit", () => reject(new Error("the demo program ended before it was ready")));
      });
      return { pid: started.pid ?? -1 };
    },
    dispose: () => {
      // The program also ends when its standard input does, so that it cannot outlive a killed workbench.
      child?.kill("SIGTERM");
      child = null;
    },
  };
}
