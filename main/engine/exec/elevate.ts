import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { type IPty, spawn } from "node-pty";
import { type Problem, ProblemError, problemOf } from "#core/base/result.ts";
import type { ElevationWay } from "#core/model/recording.ts";
import { elevationProblem } from "./elevate-problems.ts";
import { type AskedPrompt, createPromptReader } from "./elevate-prompts.ts";
import { createLineSplitter } from "./lines.ts";
import { groups } from "./process-groups.ts";

/**
 * A profiler that runs as root through sudo or pkexec, in a terminal of its own. The terminal is for prompts alone: what
 * the profiler gives comes through one FIFO, what it says through a second, and what it is told goes through a third,
 * whose end also ends it. An unprivileged workbench could not signal it.
 */
export interface ElevatedProcess {
  /** The helper runs as root and has started its tool. Rejects with a ProblemError. */
  readonly started: Promise<void>;
  tell(word: "ping" | "enable" | "stop" | "terminate" | "kill"): void;
  /** Answers the prompt that is open; the bytes are zeroed. */
  answer(secret: Uint8Array): void;
  cancel(why: Problem): void;
  /** Settled when everything has been said; the tool's exit code, -1 where it never ran. */
  readonly ended: Promise<number>;
  /** Lets go of it: what still runs as root ends by itself. */
  dispose(): void;
}

export interface Streams {
  readonly folder: string;
  readonly control: string;
  readonly data: string;
  readonly words: string;
  remove(): Promise<void>;
}

/** Three FIFOs in a folder that only this user may enter. */
export async function makeStreams(): Promise<Streams> {
  const folder = await mkdtemp(join(tmpdir(), "flamewright-streams-"));
  const path = (name: string): string => join(folder, name);
  const streams: Streams = {
    folder,
    control: path("control"),
    data: path("data"),
    words: path("words"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    const { control, data, words } = streams;
    await promisify(execFile)("mkfifo", ["-m", "600", "--", control, data, words]);
    return streams;
  } catch {
    await streams.remove();
    throw new ProblemError(
      problemOf(
        "no-fifo",
        `No FIFO could be made in ${tmpdir()}.`,
        "Check that it is a local file system with room.",
      ),
    );
  }
}

interface ElevateOrder {
  readonly way: ElevationWay;
  /** Absolute path of sudo or pkexec. */
  readonly program: string;
  /** native-scripts/with-streams.sh */
  readonly streamScript: string;
  /** native-scripts/flamewright-elevate */
  readonly helper: string;
  /** Verb and arguments for the helper. */
  readonly words: readonly string[];
}

interface ElevateEvents {
  /** A line of the tool, or of what gives it its rights. */
  line(text: string): void;
  /** `again`: the answer before was not accepted. */
  prompt(asked: AskedPrompt, again: boolean): void;
  /** perf has done what it was told. */
  acknowledged(): void;
}

const keptWords = 40;
const hangupMs = 1500;
/** The last words may still be in the FIFO when the process is gone. */
const lastWordsMs = 500;
const promptUser = "%p";
const longestSecretBytes = 1024;

export function startElevated(order: ElevateOrder, streams: Streams, events: ElevateEvents): ElevatedProcess {
  const token = `flamewright-${randomBytes(6).toString("hex")}`;
  const gate =
    order.way === "sudo"
      ? [order.program, "-p", `${token} ${promptUser}: `, "--"]
      : [order.program, "--disable-internal-agent"];
  // Our ends first: the shell's own opening of the other ends would wait for them.
  const control = openSync(streams.control, constants.O_RDWR | constants.O_NONBLOCK);
  const wordsIn = new Socket({
    fd: openSync(streams.words, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const kept: string[] = [];
  const keep = (line: string): void => {
    kept.push(line);
    if (kept.length > keptWords) kept.shift();
  };

  let hasStarted = false;
  let exitCode = -1;
  let answers = 0;
  let refusal: Problem | null = null;
  let controlOpen = true;
  let onStarted: () => void = () => undefined;
  const sawStart = new Promise<void>((resolve) => {
    onStarted = resolve;
  });

  const lines = createLineSplitter((raw) => {
    // perf ends its acknowledgement with a NUL, which then begins the next line.
    const line = raw.replaceAll("\0", "");
    const own = /^@(started|ended) (\d+)$/.exec(line);
    if (own?.[1] === "started") {
      hasStarted = true;
      reader.dispose();
      onStarted();
    } else if (own !== null) exitCode = Number(own[2]);
    else if (line === "ack") events.acknowledged();
    else if (line.trim() !== "" && !/^Terminated|^Killed/.test(line)) {
      keep(line);
      if (!line.startsWith("@")) events.line(line);
    }
  });
  wordsIn.on("data", (chunk: Uint8Array) => lines.push(chunk));
  wordsIn.on("error", () => undefined);
  const wordsEnded = new Promise<void>((resolve) => {
    wordsIn.on("close", () => {
      lines.end();
      resolve();
    });
  });

  const reader = createPromptReader(token, {
    prompt: (asked) => {
      if (!hasStarted && refusal === null) events.prompt(asked, answers > 0);
    },
    line: (text) => {
      keep(text);
      // After an answer nothing of the terminal is shown: whatever it is, it must not be an echo.
      if (answers === 0) events.line(text);
    },
  });

  const terminal: IPty = spawn(
    "/bin/sh",
    [order.streamScript, streams.folder, ...gate, order.helper, ...order.words],
    {
      name: "dumb",
      cols: 200,
      rows: 50,
      cwd: "/",
      // sudo's own words in one language; its prompt is ours.
      env: { ...process.env, LC_ALL: "C", LANGUAGE: "C" },
    },
  );
  groups.add(terminal.pid);
  terminal.onData((text) => reader.push(text));
  const exited = new Promise<number>((resolve) => {
    terminal.onExit((exit) => {
      groups.remove(terminal.pid);
      reader.dispose();
      resolve(exit.exitCode);
    });
  });

  const closeControl = (): void => {
    if (!controlOpen) return;
    controlOpen = false;
    closeSync(control);
  };
  const ended = exited.then(async () => {
    await Promise.race([wordsEnded, delay(lastWordsMs)]);
    wordsIn.destroy();
    closeControl();
    return exitCode;
  });

  const started = (async (): Promise<void> => {
    const first = await Promise.race([sawStart, exited]);
    if (typeof first !== "number") return;
    await ended;
    if (hasStarted) return;
    throw new ProblemError(refusal ?? elevationProblem(order.way, kept.join("\n"), first));
  })();
  started.catch(() => undefined);

  return {
    started,
    ended,
    tell(word) {
      if (controlOpen) writeSync(control, `${word}\n`);
    },
    answer(secret) {
      answers++;
      const typed = Buffer.alloc(secret.length + 1);
      typed.set(secret);
      secret.fill(0);
      typed[typed.length - 1] = 0x0a;
      try {
        // Around the library's queue, which would keep a copy.
        writeSync(descriptorOf(terminal), typed);
      } finally {
        typed.fill(0);
      }
    },
    cancel(why) {
      if (hasStarted || refusal !== null) return;
      refusal = why;
      // As Ctrl-C would; and where that is not heard, the terminal is taken away.
      terminal.write("\u0003");
      const force = setTimeout(() => hangUp(terminal), hangupMs);
      void exited.then(() => clearTimeout(force));
    },
    dispose() {
      closeControl();
      hangUp(terminal);
    },
  };
}

/** Whatever the terminal's reader would take for something else than a letter of a secret. */
export function secretProblem(secret: Uint8Array): Problem | null {
  if (secret.length <= longestSecretBytes && secret.every((byte) => byte >= 0x20 && byte !== 0x7f))
    return null;
  return problemOf(
    "bad-answer",
    "That answer has characters that cannot be typed at a prompt, or is too long.",
    "Type it again.",
  );
}

function descriptorOf(terminal: IPty): number {
  const descriptor: unknown = Reflect.get(terminal, "fd");
  if (typeof descriptor === "number") return descriptor;
  throw new RangeError("a terminal has a descriptor");
}

function hangUp(terminal: IPty): void {
  const destroy: unknown = Reflect.get(terminal, "destroy");
  if (typeof destroy === "function") destroy.call(terminal);
}
