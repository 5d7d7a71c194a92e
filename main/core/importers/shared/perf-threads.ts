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

  #add(pid: number, tid: number, comm: number, hasPid: boolean): number {
    const name = this.#names[comm] ?? "";
    const isMain = pid === tid;
    const process = this.#out.process(pid, isMain || !this.#named.has(pid) ? name : "");
    this.#named.add(pid);
    if (!hasPid && tid > 0) {
      const first = this.#firstTid.get(comm) ?? tid;
      this.#firstTid.set(comm, first);
      if (first !== tid) this.#isAmbiguous = true;
    }
    const thread = this.#out.thread(process, tid, name);
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
