import { textOf } from "../../bytes/ascii.ts";
import { ByteInterner } from "../../bytes/byte-interner.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { PerfHeader } from "./perf-header.ts";

/** Threads and processes of `perf script` text by (pid, tid, command name). */
export class PerfThreads {
  readonly #out: ProfileBuilder;
  readonly #comms = new ByteInterner();
  readonly #names: string[] = [];
  readonly #rows = new RowInterner(3);
  readonly #thread = int32();
  /** By row: the name where the thread had another one when it was first seen, or NONE. */
  readonly #laterName = int32();
  readonly #identities = new RowInterner(2);
  readonly #firstName = int32();
  /** By thread, for those that have had several: string index of the first. */
  readonly #renamed = new Map<number, number>();
  #row = NONE;
  /** Command names that threads without a pid had, by the first tid: several tids may be one process. */
  readonly #firstTid = new Map<number, number>();
  #isAmbiguous = false;
  readonly #named = new Set<number>();
  /** Processes of threads, and threads by their number, as far as lines have told. */
  readonly #pids = new Map<number, number>();
  readonly #byTid = new Map<number, number>();
  readonly #titles = new Map<number, string>();
  readonly #pidOf = new Map<number, number>();

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** Thread of a header line; NONE where the line names none. */
  of(bytes: Uint8Array, header: PerfHeader): number {
    const { commStart, commEnd, pid, tid, hasPid } = header;
    this.#row = NONE;
    if (tid === -1 && pid === -1 && commStart === commEnd) return NONE;
    const comm = this.#comms.intern(bytes, commStart, commEnd);
    if (comm === this.#names.length) this.#names.push(textOf(bytes, commStart, commEnd));
    const row = this.#rows.intern(pid, tid, comm);
    if (row === this.#thread.length) this.#thread.push(this.#add(pid, tid, comm, hasPid));
    this.#row = row;
    return this.#thread.at(row);
  }

  /** String index of the name that the last line gave its thread, where it was not the thread's first; or NONE. */
  get laterName(): number {
    return this.#row === NONE ? NONE : this.#laterName.at(this.#row);
  }

  /** String index of a thread's first name, where it has had several: exec and prctl change it. */
  get firstNames(): ReadonlyMap<number, number> {
    return this.#renamed;
  }

  /** NONE where no line was about it. */
  withTid(tid: number): number {
    return this.#byTid.get(tid) ?? NONE;
  }

  /** "name/tid" */
  title(thread: number): string {
    return this.#titles.get(thread) ?? "";
  }

  /** Process of a thread; -1 where the text does not say. */
  pidOf(thread: number): number {
    return this.#pidOf.get(thread) ?? -1;
  }

  /** What each processor does when there is nothing to do. */
  isIdle(thread: number): boolean {
    return this.#byTid.get(0) === thread;
  }

  /** A thread that began, or that there is (NaN). */
  began(pid: number, tid: number, timeNs: number): number {
    const out = this.#out;
    const process = out.process(pid);
    this.#pids.set(tid, pid);
    const thread = out.thread(process, tid);
    this.#byTid.set(tid, thread);
    this.#pidOf.set(thread, pid);
    out.threadLife(thread, timeNs, Number.NaN);
    if (pid === tid) out.processLife(process, timeNs, Number.NaN);
    return thread;
  }

  /** Gives the thread; NONE where it is not known. */
  ended(pid: number, tid: number, timeNs: number): number {
    const thread = this.withTid(tid);
    if (thread === NONE) return NONE;
    this.#out.threadLife(thread, Number.NaN, timeNs);
    if (pid === tid) this.#out.processLife(this.#out.process(pid), Number.NaN, timeNs);
    // The number may be another thread's from now on.
    this.#byTid.delete(tid);
    return thread;
  }

  named(pid: number, tid: number, name: string): void {
    const thread = this.began(pid, tid, Number.NaN);
    this.#out.thread(this.#out.process(pid, pid === tid ? name : ""), tid, name);
    this.#titles.set(thread, `${name}/${tid}`);
    this.#named.add(pid);
  }

  #add(saidPid: number, tid: number, comm: number, saysPid: boolean): number {
    const name = this.#names[comm] ?? "";
    const told = saysPid ? undefined : this.#pids.get(tid);
    const hasPid = saysPid || told !== undefined;
    const pid = told ?? saidPid;
    const isMain = pid === tid;
    const process = this.#out.process(pid, isMain || !this.#named.has(pid) ? name : "");
    this.#named.add(pid);
    if (!hasPid && tid > 0) {
      const first = this.#firstTid.get(comm) ?? tid;
      this.#firstTid.set(comm, first);
      if (first !== tid) this.#isAmbiguous = true;
    }
    const thread = this.#out.thread(process, tid, name);
    if (tid >= 0) this.#byTid.set(tid, thread);
    this.#pidOf.set(thread, pid);
    this.#titles.set(thread, `${name}/${tid}`);
    this.#remember(pid, tid, this.#out.string(name), thread);
    return thread;
  }

  #remember(pid: number, tid: number, name: number, thread: number): void {
    const identity = this.#identities.internPair(pid, tid);
    if (identity === this.#firstName.length) this.#firstName.push(name);
    const first = this.#firstName.at(identity);
    if (first !== name) this.#renamed.set(thread, first);
    this.#laterName.push(first === name ? NONE : name);
  }

  /** Says what the text could not tell. */
  finish(): void {
    if (this.#isAmbiguous) {
      this.#out.note(
        "The text has thread numbers without process numbers, so threads of one process are shown as processes of " +
          "their own. `perf script -F +pid` writes both.",
      );
    }
  }
}
