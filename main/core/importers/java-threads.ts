import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * Thread dumps of a JVM (`jstack`, `jcmd PID Thread.print`, SIGQUIT), one or many in a file: every thread of every dump is
 * a sample, with its state and the monitors it holds and waits for as labels.
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
}

const lockWords: readonly (readonly [RegExp, string])[] = [
  [/^- waiting to lock <(0x[0-9a-f]+)> \(a (.+)\)$/, "waits for"],
  [/^- waiting on <(0x[0-9a-f]+)> \(a (.+)\)$/, "waits on"],
  [/^- parking to wait for +<(0x[0-9a-f]+)> \(a (.+)\)$/, "parks for"],
  [/^- locked <(0x[0-9a-f]+)> \(a (.+)\)$/, "holds"],
  [/^- eliminated <(.+)> \(a (.+)\)$/, "held, optimised away"],
];

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let process = NONE;
  let timeNs = 0;
  let thread: Thread | null = null;
  let dumps = 0;
  let clock: string | null = null;
  let deadlock = "";
  let inDeadlock = false;
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
    const { name, tid, frames, labels } = thread;
    thread = null;
    let stack = NONE;
    for (let i = Math.min(frames.length, limits.maxStackDepth) - 1; i >= 0; i--)
      stack = out.stack(stack, frames[i] as number);
    const into = series();
    if (into.length >= limits.maxSamples) return;
    if (process === NONE) process = out.process(NONE, "java");
    const set = out.labelSet(labels.map(([key, text]) => ({ key: out.string(key), text: out.string(text) })));
    into.add(out.seen(timeNs), out.thread(process, tid, name), stack, 1, 0, set);
  };

  const startDump = (): void => {
    close();
    dumps++;
    inDeadlock = false;
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
    thread = { name, tid: nid === undefined ? Number(number ?? known) : Number(nid), frames: [], labels };
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
        const lock = pattern.exec(text);
        if (lock) thread.labels.push([word, `${lock[1]} ${lock[2]}`]);
      }
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    const version = /^Full thread dump (.*?):?$/.exec(line);
    if (version) {
      out.meta({ target: version[1] ?? "" });
      startDump();
    } else if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(line)) {
      close();
      clock = line;
    } else if (/^\d+:$/.test(line) && process === NONE)
      process = out.process(Number(line.slice(0, -1)), "java");
    else if (/^Found .*deadlock/.test(line)) {
      close();
      inDeadlock = true;
      deadlock = line.replace(/[:.]$/, "");
    } else if (inDeadlock) {
      if (/^(Java stack information|=+$)/.test(line)) return;
      if (/^"/.test(line) && deadlock.length < 2000) deadlock += ` ${line.trim().replace(/:$/, "")}`;
    } else if (line.startsWith('"')) {
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
      close();
      if (deadlock !== "") out.note(`The JVM reports a deadlock: ${deadlock}.`);
    },
  };
}
