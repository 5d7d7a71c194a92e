import { textOf } from "../../bytes/ascii.ts";

/** What lines of strace and ltrace have in common: who, when, and what kind of line it is. */

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
  /** Where the call is made, in hex digits. */
  readonly place?: string;
  /** Whose function it is, where that is said. */
  readonly library?: string;
}

export type TraceLine =
  | (LineBase & { readonly kind: "call" | "resumed"; readonly result: string; readonly durationNs: number })
  | (LineBase & { readonly kind: "unfinished" | "signal" | "exit" });

const prefix =
  /^(?:\[pid\s+(\d+)\] |(\d+) {1,2}(?=\S| +\d+\.\d))?(?:(\d{9,11})\.(\d{1,9}) |(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? | *(\d{1,8})\.(\d{6,9}) )?/;

const nanosOf = (digits = ""): number => Number(digits.padEnd(9, "0"));
export const durationOf = (seconds: string | undefined): number =>
  seconds === undefined ? -1 : Math.round(Number(seconds) * 1e9);

export function readPrefix(text: string): {
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

/** Most lines of the head are calls, signals, ends, or frames of a call's stack. */
export function looksTraced(
  head: Uint8Array,
  readLine: (text: string) => TraceLine | null,
  word: RegExp,
): boolean {
  const told = headLines(head).filter((line) => line.trim() !== "" && !word.test(line));
  const read = told.map((line) => (line.startsWith(" > ") ? "stack" : (readLine(line)?.kind ?? "")));
  const known = read.filter((kind) => kind !== "").length;
  return (
    read.some((kind) => kind === "call" || kind === "resumed" || kind === "unfinished") &&
    known * 5 >= told.length * 4
  );
}

/** The whole lines of a text's head; none of what is no text. */
export function headLines(head: Uint8Array): readonly string[] {
  if (head.subarray(0, 4096).includes(0)) return [];
  const lines = textOf(head.subarray(0, 32_768)).split(/\r?\n/);
  if (lines.length > 1) lines.pop();
  return lines;
}
