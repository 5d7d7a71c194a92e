import { textOf } from "../bytes/ascii.ts";
import { type LabelSpec, NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { MojoReader } from "./shared/mojo-reader.ts";

/**
 * MOJO, the binary form of austin, a Python profiler: events of a byte each with numbers and texts after it. A sample begins
 * with its thread, then come its frames from the root, and what was measured. Versions 1 to 4.
 * https://github.com/P403n1x87/austin/wiki/The-MOJO-file-format
 */
export const austinMojo: StreamImporter = {
  id: "austin-mojo",
  title: "austin, binary (MOJO)",
  extensions: ["mojo", "austin"],
  order: 48,
  kind: "stream",
  sniff: (head) => {
    const version = head[3] ?? 0;
    return (
      head.length >= 5 &&
      textOf(head.subarray(0, 3)) === "MOJ" &&
      version >= 1 &&
      version <= NEWEST &&
      head[4] !== 0
    );
  },
  open: createParser,
};

const NEWEST = 4;
const HEADER_BYTES = 4;
const UNKNOWN_TEXT = 1;

const event = {
  metadata: 1,
  stack: 2,
  frame: 3,
  frameInvalid: 4,
  frameReference: 5,
  frameKernel: 6,
  gc: 7,
  idle: 8,
  time: 9,
  memory: 10,
  text: 11,
  textReference: 12,
  stackRepeat: 13,
  taskStack: 14,
  taskWaiter: 15,
  taskRunning: 16,
} as const;

interface Sample {
  readonly pid: number;
  readonly interpreter: number;
  readonly thread: string;
  readonly frames: number[];
  timeUs: number;
  memoryBytes: number;
  isIdle: boolean;
  isGc: boolean;
  task: number;
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const reader = new MojoReader();
  const metadata = new Map<string, string>();
  /** By process and the file's own numbers. */
  const texts = new Map<string, string>();
  const frames = new Map<string, number>();
  const nativeFrames = new Set<number>();
  const taskNames = new Map<string, string>();
  /** Frames of each thread's last sample: a later one may say that it goes on from them. */
  const last = new Map<string, readonly number[]>();
  const threads = new Map<string, number>();
  const longThreads = new Map<string, number>();
  let version = 0;
  let sample: Sample | null = null;
  let series: SeriesBuilder | null = null;
  let taskFrames = 0;
  let tasks = 0;
  let unknown = 0;
  let cut = 0;
  let tooMany = 0;
  let damage = "";

  const textAt = (pid: number, key: number): string => {
    if (key === 0) return "";
    return key === UNKNOWN_TEXT ? "<unknown>" : (texts.get(`${pid} ${key}`) ?? "<unknown>");
  };

  const mark = (name: string, kind: "gc" | "unknown" | "kernel"): number =>
    out.frame({ function: out.function({ name: out.string(name), kind }) });

  const addFrame = (frame: number): void => {
    if (!sample) return;
    if (sample.frames.length < limits.maxStackDepth) sample.frames.push(frame);
    else cut++;
  };

  const threadOf = ({ pid, thread }: Sample): number => {
    const key = `${pid} ${thread}`;
    const known = threads.get(key);
    if (known !== undefined) return known;
    // Hex of the system's number, or of a pthread's address where that is not known: such threads are counted.
    const number = /^[0-9a-f]{1,7}$/i.test(thread) ? Number.parseInt(thread, 16) : NONE;
    let row: number;
    if (number === NONE) {
      const ordinal = longThreads.size + 1;
      longThreads.set(key, ordinal);
      row = out.thread(out.process(pid % 2 ** 31), ordinal, `Thread ${thread}`);
    } else row = out.thread(out.process(pid % 2 ** 31), number);
    threads.set(key, row);
    return row;
  };

  const seriesOf = (): SeriesBuilder => {
    const mode = metadata.get("mode") ?? "wall";
    const time = { name: "time", unit: "nanoseconds" };
    const memory = { name: "memory", unit: "bytes" };
    if (mode === "memory") return out.series({ id: mode, kind: "alloc", timed: false, values: [memory] });
    const values =
      mode === "full"
        ? [time, { name: "idle", unit: "samples" }, memory]
        : [time, { name: "samples", unit: "samples", counted: true }];
    return out.series({ id: mode, kind: mode === "cpu" ? "cpu" : "wall", timed: false, values });
  };

  const close = (): void => {
    const ended = sample;
    if (!ended) return;
    sample = null;
    const { pid, thread, interpreter, frames: list, timeUs, memoryBytes, isIdle, isGc, task } = ended;
    last.set(`${pid} ${thread}`, list);
    series ??= seriesOf();
    if (series.length >= limits.maxSamples) {
      tooMany++;
      return;
    }
    let stack = NONE;
    for (const frame of list) stack = out.stack(stack, frame);
    if (isGc) stack = out.stack(stack, mark(":GC:", "gc"));
    const labels: LabelSpec[] = [];
    if (interpreter > 0) labels.push({ key: out.string("interpreter"), number: interpreter });
    if (task !== NONE)
      labels.push({
        key: out.string("task"),
        text: out.string(taskNames.get(`${pid} ${task}`) ?? `${task}`),
      });
    const first = metadata.get("mode") === "memory" ? memoryBytes : timeUs * 1000;
    series.addValues(0, threadOf(ended), stack, [first, isIdle ? 1 : 0, memoryBytes], out.labelSet(labels));
  };

  const frameDefinition = (pid: number): void => {
    const key = reader.number();
    const file = reader.number();
    const scope = reader.number();
    const line = reader.number();
    if (version > 1) reader.number();
    const column = version > 1 ? reader.number() : 0;
    if (version > 1) reader.number();
    if (reader.isShort) return;
    const path = textAt(pid, file);
    const isNative = !path.endsWith(".py") && !/^<.*>$/s.test(path);
    const index = out.function({
      name: out.string(textAt(pid, scope)),
      kind: isNative && path !== "" ? "native" : "python",
      ...(path !== "" && { file: out.string(path) }),
    });
    const place = (value: number): number => (value > 0 && value < 2 ** 31 ? value : NONE);
    const frame = out.frame({ function: index, line: place(line), column: place(column) });
    if (isNative) nativeFrames.add(frame);
    frames.set(`${pid} ${key}`, frame);
  };

  const stackRepeat = (into: Sample): void => {
    const before = [...(last.get(`${into.pid} ${into.thread}`) ?? [])];
    // What was native on top of it has been replaced.
    while (before.length > 0 && nativeFrames.has(before.at(-1) as number)) before.pop();
    into.frames.splice(0, into.frames.length, ...[...before, ...into.frames].slice(0, limits.maxStackDepth));
  };

  /** Events before the first sample have no process; a file that is whole has none. */
  const readEvent = (kind: number): void => {
    const pid = sample?.pid ?? 0;
    switch (kind) {
      case event.metadata: {
        const key = reader.text();
        const value = reader.text();
        if (!reader.isShort) metadata.set(key, value);
        return;
      }
      case event.stack: {
        const process = reader.number();
        const interpreter = version >= 3 ? reader.number() : 0;
        const thread = reader.text();
        if (reader.isShort) return;
        close();
        taskFrames = 0;
        sample = {
          pid: Math.abs(process),
          interpreter,
          thread,
          frames: [],
          timeUs: 0,
          memoryBytes: 0,
          isIdle: false,
          isGc: false,
          task: NONE,
        };
        return;
      }
      case event.frame:
        frameDefinition(pid);
        return;
      case event.frameReference: {
        const frame = frames.get(`${pid} ${reader.number()}`);
        if (reader.isShort) return;
        if (taskFrames > 0) taskFrames--;
        else if (frame === undefined) unknown++;
        else addFrame(frame);
        return;
      }
      case event.frameInvalid:
        addFrame(mark(":INVALID:", "unknown"));
        return;
      case event.frameKernel: {
        const name = reader.text();
        if (!reader.isShort) addFrame(mark(name, "kernel"));
        return;
      }
      case event.gc:
        if (sample) sample.isGc = true;
        return;
      case event.idle:
        if (sample) sample.isIdle = true;
        return;
      case event.time: {
        const value = reader.number();
        if (sample && !reader.isShort) sample.timeUs = value;
        return;
      }
      case event.memory: {
        const value = reader.number();
        if (sample && !reader.isShort) sample.memoryBytes = value;
        return;
      }
      case event.text: {
        const key = reader.number();
        const value = reader.text();
        if (!reader.isShort) texts.set(`${pid} ${key}`, value);
        return;
      }
      case event.textReference:
        reader.number();
        return;
      case event.stackRepeat:
        if (sample) stackRepeat(sample);
        return;
      case event.taskStack: {
        const task = reader.number();
        const name = reader.number();
        const count = reader.number();
        if (reader.isShort) return;
        if (name !== 0) taskNames.set(`${pid} ${task}`, textAt(pid, name));
        taskFrames = Math.max(0, count);
        tasks++;
        return;
      }
      case event.taskWaiter:
        reader.number();
        reader.number();
        return;
      case event.taskRunning: {
        const task = reader.number();
        if (sample && !reader.isShort) sample.task = task;
        return;
      }
      default:
        damage = `an event of a kind that is not known (${kind})`;
    }
  };

  out.meta({ format: austinMojo.id, tool: "austin" });
  return {
    push: (chunk) => {
      if (damage !== "") return;
      reader.push(chunk);
      if (version === 0) {
        if (reader.left < HEADER_BYTES) return;
        reader.skip(HEADER_BYTES - 1);
        version = reader.byte();
      }
      while (damage === "" && reader.left > 0) {
        reader.begin();
        readEvent(reader.byte());
        if (!reader.isShort) continue;
        reader.rewind();
        if (reader.isTooLong) damage = "a text without an end";
        break;
      }
      reader.compact();
    },
    end: () => {
      close();
      const interval = Number(metadata.get("interval") ?? Number.NaN);
      const [toolVersion = "", command = ""] = [metadata.get("austin"), metadata.get("command")];
      out.meta({ toolVersion, command, ...(Number.isFinite(interval) && { periodNs: interval * 1000 }) });
      if (damage !== "") out.note(`The file is damaged: it has ${damage}. What comes before was read.`);
      else if (reader.left > 0) out.note("The file ends in the middle of an event.");
      if (unknown > 0) out.note(`${unknown} frames are not described in the file and were left out.`);
      if (tasks > 0)
        out.note("Stacks of waiting asyncio tasks are left out; the names of running ones are labels.");
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
      if (tooMany > 0) out.note(`${tooMany} samples more than the limit were left out.`);
      if (version > 1 && frames.size > 0)
        out.note("Frames have the line and column where they begin; where they end is left out.");
    },
  };
}
