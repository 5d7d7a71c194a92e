import { execa } from "execa";
import { ProblemError, problemOf } from "#core/base/result.ts";
import type { Step } from "#core/profilers/profiler.ts";
import { createLeftFiles, type LeftFiles } from "./left-files.ts";
import { createLineSplitter } from "./lines.ts";
import { groups } from "./process-groups.ts";
import type { SourceEvents } from "./source-run.ts";

/** A step that runs. */
export interface RunningStep {
  /** What it gives; empty where it gives nothing. Rejects with a ProblemError. */
  readonly done: Promise<Uint8Array>;
  /** Asks it to end early, where it can; what it then gives counts. */
  stop(): void;
  kill(): void;
}

/** What one piece may be at most. */
const mostBytes = 512 << 20;
const killAfterMs = 3_000;

export const startStep = (
  step: Step,
  events: SourceEvents,
  files: LeftFiles = createLeftFiles(),
): RunningStep => (step.kind === "run" ? runProgram(step, events, files) : fetchUrl(step));

function runProgram(
  step: Extract<Step, { kind: "run" }>,
  events: SourceEvents,
  files: LeftFiles,
): RunningStep {
  const [program = "", ...args] = step.argv;
  const name = program.slice(program.lastIndexOf("/") + 1);
  const child = execa(program, args, {
    reject: false,
    encoding: "buffer",
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    maxBuffer: mostBytes,
    // Its own group: a Ctrl-C in our terminal is ours to answer, and nothing is left behind when we end it.
    detached: true,
    cleanup: false,
    env: { ...step.env, LC_ALL: "C" },
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  const lines = createLineSplitter((line) => {
    if (line.trim() !== "") events.stderr(line);
  });
  let lastWords = "";
  child.stderr.on("data", (chunk: Uint8Array) => {
    lastWords = (lastWords + Buffer.from(chunk).toString("utf8")).slice(-2000);
    lines.push(chunk);
  });
  child.stderr.on("end", () => lines.end());
  let asked = false;
  let late = false;
  const signal = (how: NodeJS.Signals): void => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) groups.signal(pid, how);
  };
  const timer = setTimeout(() => {
    late = true;
    signal("SIGTERM");
    setTimeout(() => signal("SIGKILL"), killAfterMs).unref();
  }, step.timeoutMs);

  const finished = async (): Promise<Uint8Array> => {
    const result = await child;
    clearTimeout(timer);
    if (pid !== undefined) groups.remove(pid);
    if (pid === undefined) {
      const code = "code" in result && typeof result.code === "string" ? result.code : "";
      throw new ProblemError(
        problemOf(
          "tool-missing",
          `${name} could not be started${code === "" ? "" : ` (${code})`}.`,
          "Install it, or put it on PATH.",
        ),
      );
    }
    if (late)
      throw new ProblemError(
        problemOf(
          "tool-timeout",
          `${name} did not end within ${Math.round(step.timeoutMs / 1000)} seconds.`,
          "The machine or the target may be overloaded; try again.",
        ),
      );
    const { output } = step;
    const words = step.fails === undefined ? "" : Buffer.from(result.stdout ?? []).toString("utf8");
    const failure = words.split("\n").find((line) => step.fails?.test(line));
    if (failure !== undefined) {
      events.stderr(failure);
      throw new ProblemError(
        problemOf("tool-failed", `${name} failed: ${failure.trim()}`, "Its own words are in the log."),
      );
    }
    const given =
      output === null || output === "stdout"
        ? ((output === null ? undefined : result.stdout) ?? new Uint8Array(0))
        : result.exitCode === 0 || asked
          ? await files.take(output)
          : // What a step that failed left in a file that grows is still there for the next one.
            new Uint8Array(0);
    // Ended early, it may complain and still have written what it had.
    if (result.exitCode === 0 || (asked && given.length > 0)) return given;
    if (asked && step.output === null) return given;
    const lastLine = lastWords.trim().split("\n").at(-1) ?? "";
    throw new ProblemError(
      problemOf(
        "tool-failed",
        `${name} ended with ${result.signal ?? `exit code ${result.exitCode}`}${lastLine === "" ? "" : `: ${lastLine}`}`,
        "Its own words are in the log. What had arrived is kept.",
      ),
    );
  };
  return {
    done: finished(),
    stop: () => {
      if (step.stopSignal === null || asked) return;
      asked = true;
      signal(step.stopSignal);
    },
    kill: () => {
      asked = true;
      signal("SIGKILL");
    },
  };
}

const noProfile = problemOf(
  "no-pprof-endpoint",
  "None of the ports that the program listens on gives a profile.",
  "Give the address of its profiling endpoint, or record it with perf.",
);

/** Which of several addresses turned out to be the right one, by the first of them. */
const rightAddress = new Map<string, string>();

/** GET over HTTP. Redirects are not followed: they could lead anywhere. */
function fetchUrl({ url: first, others = [], timeoutMs }: Extract<Step, { kind: "fetch" }>): RunningStep {
  const abort = new AbortController();
  const getAny = async (): Promise<Uint8Array> => {
    if (others.length === 0) return get(first);
    const known = rightAddress.get(first);
    let problem: unknown = null;
    for (const url of known === undefined ? [first, ...others] : [known]) {
      try {
        const bytes = await get(url);
        // Any web server may answer at a port that is not the right one: with a page, not with an archive.
        if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) continue;
        rightAddress.set(first, url);
        return bytes;
      } catch (error) {
        problem ??= error;
      }
    }
    rightAddress.delete(first);
    throw problem ?? new ProblemError(noProfile);
  };
  const get = async (url: string): Promise<Uint8Array> => {
    const { host } = new URL(url);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(url, {
        signal: AbortSignal.any([abort.signal, timeout]),
        redirect: "manual",
      });
      if (answer.status !== 200) {
        const words = (await answer.text()).trim().split("\n")[0]?.slice(0, 200) ?? "";
        throw new ProblemError(
          problemOf(
            "endpoint-refused",
            `${host} answered ${answer.status}${words === "" ? "" : `: ${words}`}`,
            answer.status === 404
              ? "Is this the address of the profiling endpoint? Go programs import net/http/pprof for it."
              : "Someone else may be profiling the same program; try again when they are done.",
          ),
        );
      }
      return await limited(answer, host);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      if (timeout.aborted)
        throw new ProblemError(
          problemOf(
            "endpoint-timeout",
            `${host} did not answer within ${Math.round(timeoutMs / 1000)} seconds.`,
            "The program may be overloaded or stopped; try again.",
          ),
        );
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
      throw new ProblemError(
        problemOf(
          "endpoint-unreachable",
          `${host} cannot be reached${cause === "" ? "" : `: ${cause}`}.`,
          "Check that the program runs and that the address and port are right.",
        ),
      );
    }
  };
  return { done: getAny(), stop: () => undefined, kill: () => abort.abort() };
}

async function limited(answer: Response, host: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > mostBytes)
      throw new ProblemError(
        problemOf(
          "answer-too-large",
          `${host} sends more than ${mostBytes >> 20} MiB for one piece.`,
          "Record with a shorter piece, or save the profile to a file and open that.",
        ),
      );
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
