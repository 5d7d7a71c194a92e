import { type Channel, isRecord } from "./inspector-channel.ts";

/** One piece of a thread's CPU profile. Times are microseconds of V8's clock, which is CLOCK_MONOTONIC on Linux. */
export interface ProfileChunk {
  readonly fromUs: number;
  readonly toUs: number;
  readonly profile: Readonly<Record<string, unknown>>;
}

/**
 * Takes the CPU profile of one JavaScript thread piece by piece without losing a sample. Profiler.stop ends a piece and
 * Profiler.start begins the next; a console profile of the same session bridges the moment between them. So V8's
 * profiler never ends, and beginning a piece is cheap: 1 ms, where a profiler that begins anew logs every function of
 * the heap first (145 ms of the target's time at 20,000 functions).
 *
 * Nothing here is evaluated with the command-line API: when the target happens to be exiting, that ends it with
 * SIGSEGV (Node 20), where a plain evaluation is refused.
 */
export interface ThreadSampler {
  start(): Promise<void>;
  /** Ends the running piece and begins the next. */
  rotate(): Promise<readonly ProfileChunk[]>;
  /** Ends the last piece. Works in a target that waits for us to let it exit, too. */
  finish(): Promise<readonly ProfileChunk[]>;
}

/** V8's own console, which the program cannot have replaced; before its start, the only one there is. */
const pristineConsole =
  "(globalThis.process?.getBuiltinModule ? process.getBuiltinModule('node:inspector') : globalThis).console";

export function createThreadSampler(channel: Channel, intervalUs: number): ThreadSampler {
  const finished = new Map<string, Readonly<Record<string, unknown>>>();
  let bridges = 0;
  let boundaryUs = -1;

  channel.on("Profiler.consoleProfileFinished", ({ title, profile }) => {
    if (isRecord(profile)) finished.set(String(title), profile);
  });

  const chunkOf = (profile: Readonly<Record<string, unknown>>): ProfileChunk => {
    const toUs = Number(profile.endTime);
    const fromUs = boundaryUs < 0 ? Number(profile.startTime) : boundaryUs;
    boundaryUs = toUs;
    return { fromUs, toUs, profile };
  };

  const bridge = async (verb: "profile" | "profileEnd", title: string): Promise<void> => {
    const expression = `${pristineConsole}.${verb}(${JSON.stringify(title)})`;
    await channel.send("Runtime.evaluate", { expression, silent: true });
  };

  const stopped = async (): Promise<ProfileChunk> => {
    const { profile } = await channel.send("Profiler.stop");
    if (!isRecord(profile)) throw new Error("The inspector gave no profile.");
    return chunkOf(profile);
  };

  return {
    async start() {
      await channel.send("Profiler.enable");
      await channel.send("Profiler.setSamplingInterval", { interval: intervalUs });
      await channel.send("Profiler.start");
    },
    async rotate() {
      const title = `flamewright-${bridges++}`;
      // Sent as one, answered in order: the thread does them in one go.
      const begun = bridge("profile", title);
      const ended = stopped();
      const next = channel.send("Profiler.start");
      const over = bridge("profileEnd", title);
      const [, chunk] = await Promise.all([begun, ended, next, over]);
      const between = finished.get(title);
      finished.delete(title);
      // Without it (the console is not V8's) the seam has a gap of a millisecond; the next piece begins at its start.
      if (between === undefined) boundaryUs = -1;
      return between === undefined ? [chunk] : [chunk, chunkOf(between)];
    },
    async finish() {
      const chunk = await stopped();
      await channel.send("Profiler.disable");
      return [chunk];
    },
  };
}
