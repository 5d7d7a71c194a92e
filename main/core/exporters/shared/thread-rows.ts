import { NONE } from "../../model/builder.ts";
import type { Profile } from "../../model/profile.ts";

/** Rows of a column of threads, by thread: those without a thread (NONE) first, each thread's in their order. */
export interface ThreadRows {
  /** Threads that have rows, NONE included. */
  readonly threads: readonly number[];
  of(thread: number): Int32Array;
}

export function threadRows(column: Int32Array, threads: number): ThreadRows {
  const start = new Int32Array(threads + 2);
  for (let i = 0; i < column.length; i++) start[column[i] + 2]++;
  for (let i = 1; i < start.length; i++) start[i] += start[i - 1];
  const next = start.slice();
  const rows = new Int32Array(column.length);
  for (let i = 0; i < column.length; i++) rows[next[column[i] + 1]++] = i;
  const of = (thread: number): Int32Array => rows.subarray(start[thread + 1], start[thread + 2]);
  return {
    threads: Array.from({ length: threads + 1 }, (_, i) => i + NONE).filter((each) => of(each).length > 0),
    of,
  };
}

export interface ThreadNames {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly process: string;
}

export function threadNames({ strings, threads, processes }: Profile, thread: number): ThreadNames {
  if (thread === NONE) return { pid: NONE, tid: NONE, name: "", process: "" };
  const process = threads.process[thread];
  return {
    pid: processes.pid[process] ?? NONE,
    tid: threads.tid[thread],
    name: strings[threads.name[thread]] ?? "",
    process: strings[processes.name[process]] ?? "",
  };
}
