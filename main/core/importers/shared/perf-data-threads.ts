import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { int32 } from "../../model/growable.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { PerfDataLabels } from "./perf-data-labels.ts";
import type { PerfDataSurvey } from "./perf-data-survey.ts";
import type { SpanThreads } from "./perf-spans.ts";

interface Known {
  readonly pid: number;
  readonly tid: number;
  readonly thread: number;
  name: string;
}

/** Threads and processes of samples, with the names and the lives that the records before them told. */
export class PerfDataThreads implements SpanThreads {
  readonly #out: ProfileBuilder;
  readonly #survey: PerfDataSurvey;
  /** ns from the profile's start of ns on the recording's clock. */
  readonly #since: (time: number) => number;
  readonly #rows = new RowInterner(2);
  readonly #threads = int32();
  readonly #byTid = new Map<number, Known>();
  readonly #byThread = new Map<number, Known>();
  /** By thread: string indices of the first name and of the one it has now, where they differ. */
  readonly #renamed = new Map<number, { readonly first: number; now: number }>();

  constructor(out: ProfileBuilder, survey: PerfDataSurvey, since: (time: number) => number) {
    this.#out = out;
    this.#survey = survey;
    this.#since = since;
  }

  of(pid: number, tid: number): number {
    if (pid === -1 && tid === -1) return NONE;
    const row = this.#rows.internPair(pid, tid);
    if (row < this.#threads.length) return this.#threads.at(row);
    const out = this.#out;
    const name = this.#survey.nameOf(tid) || `:${tid}`;
    const process = out.process(pid, this.#survey.nameOf(pid) || name);
    const thread = out.thread(process, tid, name);
    this.#threads.push(thread);
    const known = { pid, tid, thread, name };
    this.#byTid.set(tid, known);
    this.#byThread.set(thread, known);
    this.#live(pid, tid, thread);
    return thread;
  }

  /** NONE where no sample was of it. */
  withTid(tid: number): number {
    return this.#byTid.get(tid)?.thread ?? NONE;
  }

  title(thread: number): string {
    const known = this.#byThread.get(thread);
    return known ? `${known.name}/${known.tid}` : "";
  }

  pidOf(thread: number): number {
    return this.#byThread.get(thread)?.pid ?? -1;
  }

  /** What each processor does when there is nothing to do. */
  isIdle(thread: number): boolean {
    return this.#byTid.get(0)?.thread === thread;
  }

  /** String index of the name that a thread has now, where it is not its first; or NONE. */
  laterName(thread: number): number {
    const renamed = this.#renamed.get(thread);
    return renamed === undefined || renamed.now === renamed.first ? NONE : renamed.now;
  }

  /** A record told of a thread: its name, its start, its end. */
  refresh(tid: number): void {
    const known = this.#byTid.get(tid);
    if (!known) return;
    const { pid, thread } = known;
    this.#live(pid, tid, thread);
    const name = this.#survey.nameOf(tid);
    if (name === "" || name === known.name) return;
    const out = this.#out;
    const renamed = this.#renamed.get(thread);
    if (renamed) renamed.now = out.string(name);
    else this.#renamed.set(thread, { first: out.string(known.name), now: out.string(name) });
    known.name = name;
    out.thread(out.process(pid, pid === tid ? name : ""), tid, name);
  }

  /** Samples of threads that have had several names say which one it was, also those that came before the second. */
  finish(series: Iterable<SeriesBuilder>, labels: PerfDataLabels): void {
    if (this.#renamed.size === 0) return;
    for (const one of series)
      one.relabel((thread, set) => {
        const renamed = this.#renamed.get(thread);
        return renamed === undefined ? set : labels.named(set, renamed.first);
      });
  }

  #live(pid: number, tid: number, thread: number): void {
    const life = this.#survey.lives.get(tid);
    if (!life) return;
    const start = this.#since(life.start);
    const end = this.#since(life.end);
    this.#out.threadLife(thread, start, end);
    if (tid === pid) this.#out.processLife(this.#out.process(pid), start, end);
  }
}
