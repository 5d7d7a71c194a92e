import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { RunningProgram } from "./build.ts";

/** Its own /proc and /tmp, and in that /tmp the file, which nobody sees from outside by its name there. */
const script = `mount -t proc proc /proc && mount -t tmpfs tmpfs /tmp && {
  [ -z "$0" ] || cp "$0" /tmp/program
} && exec "$@"`;

/** Starts a command in namespaces of its own, as a container has them; `program` is copied to /tmp/program there. */
export const startInside = (argv: readonly string[], program = ""): Promise<RunningProgram> =>
  unshared(["--pid", "--mount"], ["sh", "-c", script, program, ...argv]);

/** As there, with the files that everybody has. */
export const startAmongOwnPids = (argv: readonly string[]): Promise<RunningProgram> =>
  unshared(["--pid"], argv);

async function unshared(kinds: readonly string[], argv: readonly string[]): Promise<RunningProgram> {
  const outer = spawn("unshare", [...kinds, "--fork", "--kill-child", "--", ...argv], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(outer, "exit").then(([code, signal]: (number | string | null)[]) => ({
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
  }));
  let said = "";
  while (!said.includes("ready 1\n")) said += String(((await once(outer.stdout, "data")) as [Buffer])[0]);
  outer.stdout.resume();
  const children = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, "latin1");
  return {
    pid: Number(children.trim()),
    exited,
    async stop() {
      outer.kill("SIGKILL");
      await exited;
    },
  };
}
