import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { LimitedTexts } from "./limited-texts.ts";
import { LockWaits } from "./lock-waits.ts";
import { PerfBlock } from "./perf-block.ts";
import { PerfFutexes } from "./perf-futexes.ts";
import type { PerfOffCpu } from "./perf-off-cpu.ts";
import type { SpanWords } from "./perf-span-words.ts";
import { PerfSyscalls } from "./perf-syscalls.ts";

type Role =
  | "switch"
  | "waking"
  | "begin"
  | "end"
  | "futex"
  | "futex-end"
  | "call"
  | "call-end"
  | "request"
  | "request-end"
  | "none";

export interface EventRole {
  readonly role: Role;
  readonly category: "lock" | "syscall" | "";
  readonly name: string;
}

/** Threads as the tracepoints name them. */
export interface SpanThreads {
  isIdle(thread: number): boolean;
  /** NONE where nothing was about it. */
  withTid(tid: number): number;
  /** "name/tid" */
  title(thread: number): string;
  /** Process of a thread; -1 where it is not said. */
  pidOf(thread: number): number;
}

/** Names of variables, such as locks, by what is mapped where. */
export interface VariableNames {
  /** "" where it is on the heap or a stack, or has no name. */
  variable(pid: number, address: string): string;
}

interface Open {
  readonly sinceNs: number;
  readonly name: string;
  readonly stack: number;
  readonly lock: string;
}

/**
 * Tracepoints that come in pairs, as intervals: a thread leaves the processor and comes back, waits for a lock of the
 * kernel and gets it, enters a system call and returns.
 */
export class PerfSpans {
  readonly #out: ProfileBuilder;
  readonly #threads: SpanThreads;
  readonly #offCpu: PerfOffCpu;
  readonly #texts: LimitedTexts;
  readonly #open = new Map<string, Open>();
  readonly #futexes: PerfFutexes;
  readonly #locks: LockWaits;
  readonly #calls: PerfSyscalls;
  readonly #requests: PerfBlock;

  constructor(
    out: ProfileBuilder,
    threads: SpanThreads,
    {
      offCpu,
      maps,
      machine = () => "",
    }: { readonly offCpu: PerfOffCpu; readonly maps: VariableNames; readonly machine?: () => string },
  ) {
    this.#out = out;
    this.#threads = threads;
    this.#offCpu = offCpu;
    this.#texts = new LimitedTexts(out, "results of calls");
    this.#futexes = new PerfFutexes(out, threads, maps);
    this.#locks = new LockWaits(out);
    this.#calls = new PerfSyscalls(out, machine);
    this.#requests = new PerfBlock(out);
  }

  /** Calls of futex are recorded. */
  begin(): void {
    this.#locks.begin();
  }

  finish(): void {
    this.#calls.finish();
    this.#requests.finish();
    this.#futexes.finish();
  }

  /** A sample of a tracepoint, with what it says. */
  add(role: EventRole, thread: number, timeNs: number, stack: number, words: SpanWords): void {
    switch (role.role) {
      case "switch":
        this.#switch(thread, timeNs, stack, words);
        break;
      case "waking":
        this.#waking(thread, words);
        break;
      case "begin":
        if (thread !== NONE)
          this.#open.set(keyOf(role, thread, words), {
            sinceNs: timeNs,
            name: role.name || words.name,
            stack,
            lock: words.lock,
          });
        break;
      case "end":
        this.#end(role, thread, timeNs, words);
        break;
      case "futex":
        this.#futexes.enter(thread, timeNs, stack, words);
        break;
      case "futex-end":
        this.#futexes.exit(thread, timeNs, words);
        break;
      case "call":
        this.#calls.enter(thread, timeNs, stack, words);
        break;
      case "call-end":
        this.#calls.exit(thread, timeNs, words);
        break;
      case "request":
        this.#requests.issue(thread, timeNs, stack, words);
        break;
      case "request-end":
        this.#requests.complete(timeNs, words);
        break;
      default:
    }
  }

  /** true: it is told, with the call that it came of. */
  cached(thread: number, timeNs: number, stack: number, sizeBytes: number, labels: number): boolean {
    return this.#calls.cached(thread, timeNs, stack, sizeBytes, labels);
  }

  #end(role: EventRole, thread: number, timeNs: number, words: SpanWords): void {
    const { category, name } = role;
    const key = keyOf(role, thread, words);
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    if (category === "syscall" && name !== "" && open.name !== name) return;
    const out = this.#out;
    if (category === "lock") {
      const lock = { name: "", address: open.lock, kind: `kernel lock (${open.name.toLowerCase()})` };
      const { sinceNs, stack } = open;
      const endNs = Math.max(timeNs, sinceNs);
      this.#locks.wait({ lock, startNs: sinceNs, endNs, thread, stack, isIdle: false, holder: "" });
      return;
    }
    out.interval({
      start: open.sinceNs,
      end: Math.max(timeNs, open.sinceNs),
      thread,
      category: out.string(category),
      name: out.string(open.name),
      stack: open.stack,
      args: this.#texts.of(JSON.stringify({ result: words.result })),
    });
  }

  #switch(thread: number, timeNs: number, stack: number, { state, tid }: SpanWords): void {
    if (thread !== NONE && !this.#threads.isIdle(thread) && state !== "")
      this.#offCpu.left(thread, timeNs, state.startsWith("R") ? "preempted" : "off CPU", stack, state);
    const arriving = tid > 0 ? this.#threads.withTid(tid) : NONE;
    if (arriving !== NONE) this.#offCpu.arrived(arriving, timeNs);
  }

  #waking(thread: number, { tid }: SpanWords): void {
    const woken = tid >= 0 ? this.#threads.withTid(tid) : NONE;
    if (woken !== NONE && thread !== NONE) this.#offCpu.woken(woken, this.#threads.title(thread));
  }
}

/** A thread is in one system call, but may wait for a spin lock within the wait for a mutex. */
const keyOf = ({ category }: EventRole, thread: number, { lock }: SpanWords): string =>
  category === "lock" ? `${thread} ${lock}` : `${thread} `;

/** What an event is to intervals. */
export function roleOf(event: string): EventRole {
  const plain = (role: Role): EventRole => ({ role, category: "", name: "" });
  if (event === "sched:sched_switch") return plain("switch");
  if (event === "sched:sched_waking" || event === "sched:sched_wakeup") return plain("waking");
  if (event === "lock:contention_begin") return { role: "begin", category: "lock", name: "" };
  if (event === "lock:contention_end") return { role: "end", category: "lock", name: "" };
  if (event === "syscalls:sys_enter_futex") return plain("futex");
  if (event === "syscalls:sys_exit_futex") return plain("futex-end");
  if (event === "block:block_rq_issue") return plain("request");
  if (event === "block:block_rq_complete") return plain("request-end");
  if (event === "raw_syscalls:sys_enter") return plain("call");
  if (event === "raw_syscalls:sys_exit") return plain("call-end");
  const call = /^syscalls:sys_(enter|exit)_(\w+)$/.exec(event);
  if (!call) return plain("none");
  return { role: call[1] === "enter" ? "begin" : "end", category: "syscall", name: call[2] ?? "" };
}
