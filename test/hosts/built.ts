import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "#core/base/log.ts";
import { type Contract, contract } from "#core/contract.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import { portPair } from "#core/rpc/port.ts";
import { createEngine, type Engine } from "../../main/engine/engine.ts";
import { ensureBuilt, root } from "../electron/launch.ts";

const bundle = (name: string): string => join(root, "out", "node", name);

/**
 * Tests run the engine from its sources, but a thread of Node 20 cannot load TypeScript: a profile's thread is the
 * bundled one.
 */
export const workerFile = bundle("profile-worker.js");
export const cliFile = bundle("cli.js");
export { ensureBuilt };

export const fixture = (name: string): string => join(root, "test", "fixtures", name);

export interface TestEngine {
  readonly engine: Engine;
  readonly home: string;
  readonly logged: readonly string[];
  /** One more client, as a page or a command line is one. */
  client(): Client<Contract>;
  end(): Promise<void>;
}

/** An engine with a home of its own. */
export async function testEngine(part: { home?: string; workerFile?: string } = {}): Promise<TestEngine> {
  const home = part.home ?? (await temporaryHome());
  const logged: string[] = [];
  const log: Log = { write: (level, text) => logged.push(`${level} ${text}`) };
  const engine = await createEngine({
    version: "test",
    log,
    home,
    workerFile: part.workerFile ?? workerFile,
  });
  return {
    engine,
    home,
    logged,
    client: () => {
      const [near, far] = portPair();
      engine.connect(far);
      return createClient(near, contract);
    },
    end: async () => {
      await engine.shutdown();
      if (part.home === undefined) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export const temporaryHome = (): Promise<string> => mkdtemp(join(tmpdir(), "flamewright-test-"));

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout or stderr has shown it, with all that has come so far. */
  shows(pattern: RegExp): Promise<string>;
}

/** The bundled command line, in a home of its own. */
export function startCli(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const { FLAMEWRIGHT_HOME: _, NODE_OPTIONS: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [cliFile, ...args], {
    env: { ...inherited, FLAMEWRIGHT_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: home,
  });
  let out = "";
  let err = "";
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.on("data", (chunk: Uint8Array) => {
    out += Buffer.from(chunk).toString("utf8");
    changed();
  });
  child.stderr.on("data", (chunk: Uint8Array) => {
    err += Buffer.from(chunk).toString("utf8");
    changed();
  });
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      over = true;
      changed();
      resolve({ code, signal, out, err });
    });
  });
  return {
    child,
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const text = out + err;
          if (pattern.test(text)) {
            watchers.delete(look);
            resolve(text);
          } else if (over) reject(new Error(`it ended without showing ${pattern}:\n${text}`));
        };
        watchers.add(look);
        look();
      }),
  };
}

export const runCli = (home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  startCli(home, args, env).ended;
