import { type Channel, isRecord } from "./inspector-channel.ts";

/** One piece of a thread's CPU profile. Times are microseconds of V8's clock, which is CLOCK_MONOTONIC on Linux. */
export interface ProfileChunk {
  readonly fromUs: number;
  readonly toUs: number;
  readonly profile: Readonly<Record<string, unknown>>;
}

/**
 * Takes the CPU profile of one JavaScript thread piece by piece without losing a sample: the next piece begins before
 * the last one ends, and both are named console profiles of one session. (Profiler.start in a second session would do
 * as well, but makes V8 log every function again: 145 ms of the target's time at 20,000 functions, against 1 ms.)
 */
export interface ThreadSampler {
  start(): Promise<void>;
  /** Ends the running piece and begins the next. */
  rotate(): Promise<ProfileChunk | null>;
  /** Ends the last piece. */
  finish(): Promise<ProfileChunk | null>;
}

const finishTimeoutMs = 5000;

export function createThreadSampler(channel: Channel, intervalUs: number): ThreadSampler {
  const waiting = new Map<string, (profile: Readonly<Record<string, unknown>>) => void>();
  let current = 0;
  let boundaryUs = -1;

  channel.on("Profiler.consoleProfileFinished", (params) => {
    const title = String(params.title);
    const finished = waiting.get(title);
    waiting.delete(title);
    if (finished !== undefined && isRecord(params.profile)) finished(params.profile);
  });

  const titleOf = (index: number): string => `flamewright-${index}`;

  /** `profile` and `profileEnd` of the command-line API are V8's own: the program cannot have replaced them. */
  const evaluate = async (verb: "profile" | "profileEnd", title: string): Promise<void> => {
    const { exceptionDetails } = await channel.send("Runtime.evaluate", {
      expression: `${verb}(${JSON.stringify(title)})`,
      includeCommandLineAPI: true,
      silent: true,
    });
    if (isRecord(exceptionDetails)) throw new Error(String(exceptionDetails.text));
  };

  const end = async (index: number): Promise<ProfileChunk | null> => {
    const title = titleOf(index);
    let timer: NodeJS.Timeout | undefined;
    const finished = new Promise<Readonly<Record<string, unknown>> | null>((resolve) => {
      waiting.set(title, resolve);
      timer = setTimeout(() => resolve(null), finishTimeoutMs);
    });
    await evaluate("profileEnd", title);
    const profile = await finished;
    clearTimeout(timer);
    waiting.delete(title);
    if (profile === null) return null;
    const fromUs = boundaryUs < 0 ? Number(profile.startTime) : boundaryUs;
    const toUs = Number(profile.endTime);
    boundaryUs = toUs;
    return { fromUs, toUs, profile };
  };

  return {
    async start() {
      await channel.send("Profiler.enable");
      await channel.send("Profiler.setSamplingInterval", { interval: intervalUs });
      await evaluate("profile", titleOf(current));
    },
    async rotate() {
      await evaluate("profile", titleOf(current + 1));
      const ended = current++;
      return end(ended);
    },
    async finish() {
      const chunk = await end(current);
      await channel.send("Profiler.disable");
      return chunk;
    },
  };
}
