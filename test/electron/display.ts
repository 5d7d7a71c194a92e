import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

export interface Display {
  /** For the DISPLAY variable: ":7". */
  readonly name: string;
  close(): Promise<void>;
}

/** A virtual display of its own on a free number; it says itself when it is ready. */
export async function startDisplay(size = "1440x900x24"): Promise<Display> {
  const child: ChildProcess = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  const ready = child.stdio[3] as Readable;
  let number = "";
  const told = (async () => {
    for await (const chunk of ready) {
      number += String(chunk);
      if (number.endsWith("\n")) return;
    }
    throw new Error("Xvfb ended before its display was ready");
  })();
  await told;
  return {
    name: `:${number.trim()}`,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
