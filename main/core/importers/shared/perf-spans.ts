import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { LimitedTexts } from "./limited-texts.ts";
import { LockWaits } from "./lock-waits.ts";
import { PerfFutexes } from "./perf-futexes.ts";
import type { PerfOffCpu } from "./perf-off-cpu.ts";
import type { PerfRecords } from "./perf-records.ts";
import type { PerfThreads } from "./perf-threads.ts";

type Role = "switch" | "waking" | "begin" | "end" | "futex" | "futex-end" | "none";

export interface EventRole {
  readonly role: Role;
  readonly category: "lock" | "syscall" | "";
  readonly name: string;
}

interface Open {
  readonly sinceNs: number;
  readonly name: string;
  readonly stack: number;
  readonly said: string;
}

/**
 * Tracepoints that come in pairs, as intervals: a thread leaves the processor and comes back, waits for a lock of the
 * kernel and gets it, enters a system call and returns.
 */
export class PerfSpans {
  readonly #out: ProfileBuilder;
  readonly #threads: PerfThreads;
  readonly #offCpu: PerfOffCpu;
  readonly #texts: LimitedTexts;
  readonly #open = new Map<string, Open>();
  readonly #futexes: PerfFutexes;
  readonly #locks: LockWaits;

  constructor(out: ProfileBuilder, threads: PerfThreads, { offCpu, maps }: PerfRecords) {
    this.#out = out;
    this.#threads = threads;
    this.#offCpu = offCpu;
    this.#texts = new LimitedTexts(out, "results of calls");
    this.#futexes = new PerfFutexes(out, threads, maps);
    this.#locks = new LockWaits(out);
  }

  finish(): void {
    this.#futexes.finish();
  }

  /** A sample of a tracepoint; `said` is what the line says behind the event's name. */
  add(role: EventRole, thread: number, timeNs: number, stack: number, said: string): void {
    switch (role.role) {
      case "switch":
        this.#switch(thread, timeNs, stack, said);
        break;
      case "waking":
        this.#waking(thread, said);
        break;
      case "begin":
        if (thread !== NONE)
          this.#open.set(keyOf(role, thread, said), this.#begun(role, timeNs, stack, said));
        break;
      case "end":
        this.#end(role, thread, timeNs, said);
        break;
      case "futex":
        this.#futexes.enter(thread, timeNs, stack, said);
        break;
      case "futex-end":
        this.#futexes.exit(thread, timeNs, said);
        break;
      default:
    }
  }

  #begun({ category, name }: EventRole, sinceNs: number, stack: number, said: string): Open {
    if (category === "syscall") return { sinceNs, name: name || rawCall(said), stack, said: "" };
    // "0xffff8881 (flags=WRITE)", or "flags: WRITE" of older ones.
    const [, lock = "", flags = ""] = /^(0x[0-9a-f]+|[0-9a-f]+) *\(?(?:flags[=:] ?)?([^)]*)/.exec(said) ?? [];
    return { sinceNs, name: flags.trim() || "contention", stack, said: lock };
  }

  #end(role: EventRole, thread: number, timeNs: number, said: string): void {
    const { category, name } = role;
    const key = keyOf(role, thread, said);
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    if (category === "syscall" && name !== "" && open.name !== name) return;
    const out = this.#out;
    if (category === "lock") {
      const lock = { name: "", address: open.said, kind: `kernel lock (${open.name.toLowerCase()})` };
      const { sinceNs, stack } = open;
      const endNs = Math.max(timeNs, sinceNs);
      this.#locks.wait({ lock, startNs: sinceNs, endNs, thread, stack, isIdle: false, holder: "" });
      return;
    }
    const args = { result: /(?:= |ret=)?(-?\w+)$/.exec(said)?.[1] ?? "" };
    out.interval({
      start: open.sinceNs,
      end: Math.max(timeNs, open.sinceNs),
      thread,
      category: out.string(category),
      name: out.string(open.name),
      stack: open.stack,
      args: this.#texts.of(JSON.stringify(args)),
    });
  }

  #switch(thread: number, timeNs: number, stack: number, said: string): void {
    const { state, next } = readSwitch(said);
    if (thread !== NONE && !this.#threads.isIdle(thread) && state !== "")
      this.#offCpu.left(thread, timeNs, state.startsWith("R") ? "preempted" : "off CPU", stack, state);
    const arriving = next > 0 ? this.#threads.withTid(next) : NONE;
    if (arriving !== NONE) this.#offCpu.arrived(arriving, timeNs);
  }

  #waking(thread: number, said: string): void {
    const match = /\bpid=(\d{1,10})\b/.exec(said) ?? /^.*?:(\d{1,10}) \[/.exec(said);
    const woken = match ? this.#threads.withTid(Number(match[1])) : NONE;
    if (woken !== NONE && thread !== NONE) this.#offCpu.woken(woken, this.#threads.title(thread));
  }
}

/** A thread is in one system call, but may wait for a spin lock within the wait for a mutex. */
const keyOf = ({ category }: EventRole, thread: number, said: string): string =>
  category === "lock" ? `${thread} ${/^\w+/.exec(said)?.[0] ?? ""}` : `${thread} `;

const rawCall = (said: string): string => `system call ${/^NR (\d+)/.exec(said)?.[1] ?? ""}`.trimEnd();

/** "prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120", or "a:1 [120] S ==> b:2 [120]". */
function readSwitch(said: string): { readonly state: string; readonly next: number } {
  const arrow = said.indexOf(" ==> ");
  if (arrow === -1) return { state: "", next: -1 };
  const left = said.slice(0, arrow);
  const right = said.slice(arrow + 5);
  const state = /prev_state=(\S+)/.exec(left)?.[1] ?? /\] (\S+)$/.exec(left)?.[1] ?? "";
  const next = /next_pid=(\d{1,10})/.exec(right)?.[1] ?? /:(\d{1,10}) \[/.exec(right)?.[1] ?? "-1";
  return { state, next: Number(next) };
}

/** What an event is to intervals. */
export function roleOf(event: string): EventRole {
  const plain = (role: Role): EventRole => ({ role, category: "", name: "" });
  if (event === "sched:sched_switch") return plain("switch");
  if (event === "sched:sched_waking" || event === "sched:sched_wakeup") return plain("waking");
  if (event === "lock:contention_begin") return { role: "begin", category: "lock", name: "" };
  if (event === "lock:contention_end") return { role: "end", category: "lock", name: "" };
  if (event === "syscalls:sys_enter_futex") return plain("futex");
  if (event === "syscalls:sys_exit_futex") return plain("futex-end");
  const call = /^(?:raw_)?syscalls:sys_(enter|exit)(?:_(\w+))?$/.exec(event);
  if (!call) return plain("none");
  return { role: call[1] === "enter" ? "begin" : "end", category: "syscall", name: call[2] ?? "" };
}
