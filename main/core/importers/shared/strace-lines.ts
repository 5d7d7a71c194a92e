import { textOf } from "../../bytes/ascii.ts";

interface Clock {
  /** -ttt: since 1970; -t and -tt: of the day; -r: since the line before. */
  readonly kind: "epoch" | "day" | "relative";
  readonly seconds: number;
  readonly nanos: number;
}

interface LineBase {
  /** -1 where there is only one process. */
  readonly pid: number;
  readonly clock: Clock | null;
  readonly name: string;
  readonly args: string;
}

export type StraceLine =
  | (LineBase & { readonly kind: "call" | "resumed"; readonly result: string; readonly durationNs: number })
  | (LineBase & { readonly kind: "unfinished" | "signal" | "exit" });

const prefix =
  /^(?:\[pid\s+(\d+)\] |(\d+) {1,2}(?=\S))?(?:(\d{9,11})\.(\d{1,9}) |(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? | *(\d{1,8})\.(\d{6,9}) )?/;
const result = /\)\s*= (.*?)(?: <(\d+\.\d+)>)?$/;

const nanosOf = (digits = ""): number => Number(digits.padEnd(9, "0"));

function readPrefix(text: string): {
  readonly pid: number;
  readonly clock: Clock | null;
  readonly rest: string;
} {
  const match = prefix.exec(text);
  const pid = Number(match?.[1] ?? match?.[2] ?? -1);
  const rest = text.slice(match?.[0].length ?? 0);
  const [, , , epoch, epochNanos, hours, minutes, seconds, dayNanos, relative, relativeNanos] = match ?? [];
  let clock: Clock | null = null;
  if (epoch !== undefined) clock = { kind: "epoch", seconds: Number(epoch), nanos: nanosOf(epochNanos) };
  else if (hours !== undefined)
    clock = {
      kind: "day",
      seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
      nanos: nanosOf(dayNanos),
    };
  else if (relative !== undefined)
    clock = { kind: "relative", seconds: Number(relative), nanos: nanosOf(relativeNanos) };
  return { pid, clock, rest };
}

/** One line that is no stack, or null where it is of another kind. */
export function readStraceLine(text: string): StraceLine | null {
  const { pid, clock, rest } = readPrefix(text);
  const base = { pid, clock };
  const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest);
  const call = resumed ?? /^([a-z_]\w*)\(/.exec(rest);
  if (call) {
    const name = call[1] ?? "";
    const after = rest.slice(call[0].length);
    if (!resumed && after.endsWith("<unfinished ...>"))
      return { ...base, kind: "unfinished", name, args: after.slice(0, -"<unfinished ...>".length).trim() };
    const end = result.exec(after);
    if (!end) return null;
    return {
      ...base,
      kind: resumed ? "resumed" : "call",
      name,
      args: after.slice(0, end.index).trim(),
      result: (end[1] ?? "").trim(),
      durationNs: end[2] === undefined ? -1 : Math.round(Number(end[2]) * 1e9),
    };
  }
  const signal = /^--- (\w+)(?: (.*))? ---$/.exec(rest);
  if (signal) return { ...base, kind: "signal", name: signal[1] ?? "", args: signal[2] ?? "" };
  const exit = /^\+\+\+ (.*) \+\+\+$/.exec(rest);
  if (exit) return { ...base, kind: "exit", name: exit[1] ?? "", args: "" };
  return null;
}

/** Most lines of the head are calls, signals, ends, or frames of a call's stack. */
export function looksLikeStrace(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const lines = textOf(head.subarray(0, 32_768)).split(/\r?\n/);
  if (lines.length > 1) lines.pop();
  const told = lines.filter((line) => line.trim() !== "" && !line.startsWith("strace: "));
  const read = told.map((line) => (line.startsWith(" > ") ? "stack" : (readStraceLine(line)?.kind ?? "")));
  const known = read.filter((kind) => kind !== "").length;
  return (
    read.some((kind) => kind === "call" || kind === "resumed" || kind === "unfinished") &&
    known * 5 >= told.length * 4
  );
}
