import { deviceOf, operationOf } from "./block-series.ts";
import type { BlockWords } from "./perf-block.ts";
import type { EventRole } from "./perf-spans.ts";

/** What a tracepoint says, as far as intervals are made of it. */
export interface SpanWords {
  /** Of the thread that leaves the processor: "S", "R+"; "" where it is not said. */
  readonly state: string;
  /** The thread that comes, or that is woken; -1 where it is not said. */
  readonly tid: number;
  readonly lock: string;
  /** Of what begins: the kind of lock, the system call. */
  readonly name: string;
  readonly result: string;
  /** Of a futex: its address, "0x556ae81ab180", and what is done with it; -1 where it is not said. */
  readonly address: string;
  readonly operation: number;
  /** Of a system call; -1 where it is not said. */
  readonly number: number;
  readonly args: readonly string[];
  /** Of a request to a disk. */
  readonly block: BlockWords | null;
}

const nothing: SpanWords = {
  state: "",
  tid: -1,
  lock: "",
  name: "",
  result: "",
  address: "",
  operation: -1,
  number: -1,
  args: [],
  block: null,
};

/** From what `perf script` prints behind the event's name. */
export function wordsOfText({ role, category }: EventRole, said: string): SpanWords {
  if (role === "switch") return { ...nothing, ...readSwitch(said) };
  if (role === "waking") {
    const match = /\bpid=(\d{1,10})\b/.exec(said) ?? /^.*?:(\d{1,10}) \[/.exec(said);
    return match ? { ...nothing, tid: Number(match[1]) } : nothing;
  }
  if (role === "futex") {
    // "uaddr: 0x556ae81ab180, op: 0x00000080, val: 0x00000002, ..."
    const match = /\buaddr: (0x[0-9a-f]+), op: (0x[0-9a-f]+)/.exec(said);
    return match ? { ...nothing, address: match[1] ?? "", operation: Number(match[2]) } : nothing;
  }
  if (role === "futex-end") return { ...nothing, result: /^\s*(-?\w+)/.exec(said)?.[1] ?? "" };
  if (role === "call") {
    // "NR 1 (3, 7ffd1000, 1000, 0, 0, 0)"
    const [, number = "-1", args = ""] = /^\s*NR (-?\d+) \(([0-9a-f, ]*)\)/.exec(said) ?? [];
    return {
      ...nothing,
      number: Number(number),
      args: args.split(", ").flatMap((each) => (each === "" ? [] : [`0x${each}`])),
    };
  }
  if (role === "call-end") {
    const [, number = "-1", result = ""] = /^\s*NR (-?\d+) = (-?\d+)/.exec(said) ?? [];
    return { ...nothing, number: Number(number), result };
  }
  if (role === "request" || role === "request-end") return { ...nothing, block: blockOfText(said) };
  if (category === "lock") {
    // "0xffff8881 (flags=WRITE)", or "flags: WRITE" of older ones.
    const [, lock = "", flags = ""] = /^(\w+) *\(?(?:flags[=:] ?)?([^)]*)/.exec(said) ?? [];
    return { ...nothing, lock, name: flags.trim() || "contention" };
  }
  if (role === "begin") return nothing;
  return { ...nothing, result: /(?:= |ret=)?(-?\w+)$/.exec(said)?.[1] ?? "" };
}

/** From the fields of the record. */
export function wordsOfFields(
  { role, category }: EventRole,
  field: (name: string) => string | number | null,
  words: (name: string) => readonly string[],
): SpanWords {
  const text = (name: string): string => String(field(name) ?? "");
  const number = (name: string): number => {
    const value = field(name);
    return typeof value === "number" ? value : -1;
  };
  if (role === "switch") return { ...nothing, state: text("prev_state"), tid: number("next_pid") };
  if (role === "waking") return { ...nothing, tid: number("pid") };
  const address = (name: string): string => {
    const value = field(name);
    return typeof value === "number" ? `0x${value.toString(16)}` : (value ?? "");
  };
  if (role === "futex") return { ...nothing, address: address("uaddr"), operation: number("op") };
  if (category === "lock")
    return { ...nothing, lock: address("lock_addr"), name: lockFlags(number("flags")) };
  if (role === "request" || role === "request-end")
    return {
      ...nothing,
      block: {
        device: deviceOf(Math.max(0, number("dev"))),
        sector: text("sector"),
        sectors: Math.max(0, number("nr_sector")),
        sizeBytes: Math.max(0, number("bytes")),
        operation: operationOf(text("rwbs")),
        error: Math.min(0, Number(field("error") ?? 0)),
      },
    };
  if (role === "call") return { ...nothing, number: number("id"), args: words("args") };
  if (role === "call-end") return { ...nothing, number: number("id"), result: text("ret") };
  if (role === "begin") return nothing;
  return { ...nothing, result: text("ret") };
}

/** "254,0 WS 65536 () 319694832 + 128 0x2,0,4 [direct]", and at its end "254,0 WS () 319694832 + 128 0x2,0,4 [0]". */
function blockOfText(said: string): BlockWords | null {
  const match = /^\s*(\d+),(\d+) (\w+) (?:(\d+) )?\(.*?\) (\d+) \+ (\d+) .*?\[(.*)\]\s*$/.exec(said);
  if (!match) return null;
  const [, major, minor, rwbs = "", bytes, sector = "", sectors, last = ""] = match;
  return {
    device: `${major}:${minor}`,
    sector,
    sectors: Number(sectors),
    sizeBytes: Number(bytes ?? 0),
    operation: operationOf(rwbs),
    // Of one that begins it is the program's name.
    error: bytes === undefined ? Math.min(0, Number(last) || 0) : 0,
  };
}

/** LCB_F_* of include/trace/events/lock.h, in the words of its print format. */
const lockWords = ["SPIN", "READ", "WRITE", "RT", "PERCPU", "MUTEX"];

function lockFlags(flags: number): string {
  if (flags <= 0) return "contention";
  return lockWords.filter((_, bit) => (flags >> bit) & 1).join("|") || "contention";
}

/** "prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120", or "a:1 [120] S ==> b:2 [120]". */
function readSwitch(said: string): Pick<SpanWords, "state" | "tid"> {
  const arrow = said.indexOf(" ==> ");
  if (arrow === -1) return { state: "", tid: -1 };
  const left = said.slice(0, arrow);
  const right = said.slice(arrow + 5);
  const state = /prev_state=(\S+)/.exec(left)?.[1] ?? /\] (\S+)$/.exec(left)?.[1] ?? "";
  const next = /next_pid=(\d{1,10})/.exec(right)?.[1] ?? /:(\d{1,10}) \[/.exec(right)?.[1] ?? "-1";
  return { state, tid: Number(next) };
}
