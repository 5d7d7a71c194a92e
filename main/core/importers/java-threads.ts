import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { DumpedDeadlocks, DumpedLocks, type DumpedThread } from "./shared/dumped-locks.ts";

/**
 * Thread dumps of a JVM (`jstack`, `jcmd PID Thread.print`, SIGQUIT), one or many in a file: every thread of every dump is
 * a sample, with its state and the monitors it holds and waits for as labels. Who wants a lock is a sample of the table of
 * locks, and a deadlock that the JVM found is a mark.
 * https://docs.oracle.com/en/java/javase/21/troubleshoot/diagnostic-tools.html
 */
export const javaThreads: StreamImporter = {
  id: "java-threads",
  title: "Java thread dump",
  extensions: ["txt", "tdump", "log"],
  order: 255,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const text = textOf(head);
    return (
      /^Full thread dump /m.test(text) ||
      (/^"[^\n]*" .*\btid=0x/m.test(text) && /^\s+java\.lang\.Thread\.State: /m.test(text))
    );
  },
  open: (out, context) => createParser(out, context),
};

interface Thread {
  readonly name: string;
  readonly tid: number;
  readonly frames: number[];
  readonly labels: [string, string][];
  wants: DumpedThread["wants"];
  /** Address of a monitor in whose Object.wait it is: its frames took it, and it has let go of it. */
  released: string;
  /** By how many frames are further in than the one that took it. */
  readonly has: { readonly address: string; readonly name: string; readonly depth: number }[];
}

/** Locks of java.util.concurrent: what else is parked for waits for work. */
const lockClass = /\.locks\.(?:ReentrantLock|ReentrantReadWriteLock|StampedLock)\b/;

const lockWords: readonly (readonly [RegExp, string])[] = [
  [/^- waiting to (?:re-)?lock (?:in wait\(\) )?<(0x[0-9a-f]+)> \(a (.+)\)$/, "waits for"],
  [/^- waiting on <(0x[0-9a-f]+)> \(a (.+)\)$/, "waits on"],
  [/^- parking to wait for +<(0x[0-9a-f]+)> \(a (.+)\)$/, "parks for"],
  [/^- locked <(0x[0-9a-f]+)> \(a (.+)\)$/, "holds"],
  // A locked synchronizer: after the frames, none of which is told to have taken it.
  [/^- <(0x[0-9a-f]+)> \(a (.+)\)$/, "owns"],
  [/^- eliminated <(.+)> \(a (.+)\)$/, "held, optimised away"],
];

function createParser(out: ProfileBuilder, { limits, told }: ImportContext): StreamParser {
  let process = NONE;
  let timeNs = 0;
  let thread: Thread | null = null;
  let dumps = 0;
  let clock: string | null = null;
  const locks = new DumpedLocks(out);
  const deadlocks = new DumpedDeadlocks(out, told ?? new Set());
  const rows = new Map<string, number>();

  const series = () =>
    out.series({
      id: "threads",
      name: "Threads",
      kind: "wall",
      timed: true,
      values: [{ name: "samples", unit: "samples" }],
    });

  const close = (): void => {
    if (!thread) return;
    const { name, tid, frames, labels, wants, has } = thread;
    thread = null;
    let stack = NONE;
    const stackAt: number[] = [];
    for (let i = Math.min(frames.length, limits.maxStackDepth) - 1; i >= 0; i--) {
      stack = out.stack(stack, frames[i] as number);
      stackAt[i] = stack;
    }
    const into = series();
    if (into.length >= limits.maxSamples) return;
    if (process === NONE) process = out.process(NONE, "java");
    const set = out.labelSet(labels.map(([key, text]) => ({ key: out.string(key), text: out.string(text) })));
    const row = out.thread(process, tid, name);
    into.add(out.seen(timeNs), row, stack, 1, 0, set);
    locks.add({
      name,
      thread: row,
      stack,
      wants,
      has: has.map(({ depth, ...lock }) => ({ ...lock, stack: stackAt[depth] ?? stack })),
    });
  };

  const endDump = (): void => {
    close();
    locks.flush(timeNs);
    deadlocks.end(timeNs);
  };

  const startDump = (): void => {
    endDump();
    dumps++;
    const at = clock === null ? null : /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(clock);
    if (at) {
      const [, year, month, day, hour, minute, second] = at.map(Number);
      // The zone is not said: as if it were UTC, the same for all dumps of a file.
      const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
      timeNs = Math.max(0, out.relativeTime(Math.floor(ms / 1000), 0));
    } else if (dumps > 1) timeNs = out.lastTimeNs + 1e9;
    clock = null;
  };

  const openThread = (name: string, facts: string): void => {
    close();
    const nid = /\bnid=(0x[0-9a-f]+|\d+)/.exec(facts)?.[1];
    const number = /^#(\d+)/.exec(facts)?.[1];
    const known = rows.get(name) ?? rows.size + 1;
    rows.set(name, known);
    const cpu = /\bcpu=([\d.]+)ms/.exec(facts)?.[1];
    const labels: [string, string][] = [];
    if (cpu !== undefined) labels.push(["cpu", `${cpu} ms`]);
    const doing = /\bnid=\S+ (.*?) *(?:\[0x[0-9a-f]+\])?$/.exec(facts)?.[1];
    if (doing) labels.push(["doing", doing]);
    thread = {
      name,
      tid: nid === undefined ? Number(number ?? known) : Number(nid),
      frames: [],
      labels,
      wants: null,
      released: "",
      has: [],
    };
  };

  const frame = (text: string): number => {
    const match = /^(.*?)\((?:(?:[^()/]*\/)?([^()/@]*(?:@[^()/]*)?)\/)?([^():]*)(?::(\d+))?\)$/.exec(text);
    if (!match) return out.frame({ function: out.function({ name: out.string(text), kind: "java" }) });
    const [, name = "", module, file = "", line] = match;
    const isNative = file === "Native Method";
    return out.frame({
      function: out.function({
        name: out.string(name),
        kind: isNative ? "native" : "java",
        ...(module !== undefined && { binary: out.binary(module) }),
        ...(!isNative && file !== "" && file !== "Unknown Source" && { file: out.string(file) }),
      }),
      line: line === undefined ? NONE : Number(line),
    });
  };

  const detail = (text: string): void => {
    if (!thread) return;
    const state = /^java\.lang\.Thread\.State: (.*)$/.exec(text);
    if (state) thread.labels.push(["state", state[1] ?? ""]);
    else if (text.startsWith("at ")) {
      if (thread.frames.length < limits.maxStackDepth) thread.frames.push(frame(text.slice(3)));
    } else
      for (const [pattern, word] of lockWords) {
        const [, address = "", name = ""] = pattern.exec(text) ?? [];
        if (address === "") continue;
        thread.labels.push([word, `${address} ${name}`]);
        if (word === "waits on" || word === "waits for") thread.released = address;
        if (word === "waits for") thread.wants = { address, name, kind: "Java monitor" };
        else if (word === "parks for" && lockClass.test(name)) thread.wants = { address, name, kind: "park" };
        else if (word === "holds" && address !== thread.released)
          thread.has.push({ address, name, depth: thread.frames.length - 1 });
        else if (word === "owns") thread.has.push({ address, name, depth: 0 });
      }
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (line.startsWith("Found ")) close();
    if (deadlocks.takes(line, timeNs)) return;
    const version = /^Full thread dump (.*?):?$/.exec(line);
    if (version) {
      out.meta({ target: version[1] ?? "" });
      startDump();
    } else if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(line)) {
      close();
      clock = line;
    } else if (/^\d+:$/.test(line) && process === NONE)
      process = out.process(Number(line.slice(0, -1)), "java");
    else if (line.startsWith('"')) {
      const named = /^"(.*)" (.*)$/.exec(line);
      if (named) openThread(named[1] ?? "", named[2] ?? "");
    } else if (line.trim() === "") {
      // Locked synchronizers follow after an empty line and are of the same thread.
    } else if (/^\s/.test(line)) detail(line.trim());
    else close();
  }, 1 << 20);

  out.meta({ format: javaThreads.id, tool: "jstack" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      endDump();
    },
  };
}
