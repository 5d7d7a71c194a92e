import { MessageChannelMain, type UtilityProcess, utilityProcess, type WebContents } from "electron";
import type { FromEngine, ToEngine } from "./engine-messages.ts";

const startLimitMs = 20_000;
const shutdownLimitMs = 15_000;

export interface EngineHost {
  /** Starts it before a page asks, and has it read the files that pages will ask for. */
  start(paths: readonly string[]): void;
  /** Gives the page a port to the engine, which is started where it is not running. "" or what went wrong. */
  connect(contents: WebContents, nonce: string): Promise<string>;
  /** Ends the engine gracefully: recordings are stopped and saved. */
  shutdown(): Promise<void>;
}

/** Keeps one engine process; a page that lost it gets a new one when it connects again. */
export function createEngineHost(entryFile: string): EngineHost {
  let running: { readonly child: UtilityProcess; readonly started: Promise<string> } | null = null;
  let ending: Promise<void> | null = null;

  const start = (): NonNullable<typeof running> => {
    const child = utilityProcess.fork(entryFile, [], { serviceName: "Flamewright engine", stdio: "inherit" });
    const started = new Promise<string>((resolve) => {
      const limit = setTimeout(() => {
        resolve("The engine does not answer. Try again, or start Flamewright anew.");
        child.kill();
      }, startLimitMs);
      const settle = (problem: string): void => {
        clearTimeout(limit);
        resolve(problem);
      };
      child.once("message", (message: FromEngine) => {
        settle(message.type === "ready" ? "" : message.message);
        if (message.type === "failed") child.kill();
      });
      child.once("exit", (code) => {
        if (running?.child === child) running = null;
        settle(`The engine ended as it started (exit code ${code}). Its reason is in the terminal's output.`);
      });
    });
    return { child, started };
  };

  return {
    start: (paths) => {
      if (ending) return;
      running ??= start();
      const { child, started } = running;
      void started.then((problem) => {
        for (const path of problem === "" ? paths : []) {
          const message: ToEngine = { type: "open-ahead", path };
          child.postMessage(message);
        }
      });
    },
    connect: async (contents, nonce) => {
      if (ending) return "Flamewright is closing.";
      running ??= start();
      const { child, started } = running;
      const problem = await started;
      if (problem !== "" || contents.isDestroyed()) return problem;
      const { port1, port2 } = new MessageChannelMain();
      const message: ToEngine = { type: "connect" };
      child.postMessage(message, [port1]);
      contents.postMessage("shell:engine-port", nonce, [port2]);
      return "";
    },
    shutdown: () => {
      ending ??= new Promise((resolve) => {
        if (!running) return resolve();
        const { child } = running;
        const limit = setTimeout(() => child.kill(), shutdownLimitMs);
        child.once("exit", () => {
          clearTimeout(limit);
          resolve();
        });
        const message: ToEngine = { type: "shutdown" };
        child.postMessage(message);
      });
      return ending;
    },
  };
}
