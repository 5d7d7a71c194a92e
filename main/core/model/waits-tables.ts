import type { Descriptor } from "./descriptors.ts";

export interface LockRow {
  /** The variable's name, its class or its address; of locks without any, the function that waits. */
  readonly lock: string;
  /** "mutex", "Java monitor", "kernel lock (rwsem)" ... */
  readonly kind: string;
  /** "" where it has none. */
  readonly address: string;
  /** Waiting for work or a signal. */
  readonly isIdle: boolean;
  readonly waits: number;
  /** Of them, those that had not ended. */
  readonly open: number;
  /** That waited for it; 0 where nobody says. */
  readonly threads: number;
  readonly totalNs: number;
  readonly meanNs: number;
  /** NaN where waits were summed up before anybody saw them. */
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** Part of the run during which at least one thread waited; of untimed sums, threads waiting on average. NaN: unknown. */
  readonly share: number;
  /** The function that waited longest, outside of the libraries of locks; "" and -1 where there are no stacks. */
  readonly waiter: string;
  readonly waiterFunction: number;
  /** "name/tid" of who held it for the longest part; "" where nobody knows. */
  readonly holder: string;
  /** The function in which it was let go; "" and -1 where nobody knows. */
  readonly holderFunction: string;
  readonly holderFunctionIndex: number;
  /** Of all waiting that is known to have been for this holder function, its part. */
  readonly holderShare: number;
  /** Series of its waits and of its holders ("" for none), and what a tagfocus finds it by ("" where labels do not say). */
  readonly waitsSeries: string;
  readonly holdersSeries: string;
  readonly tag: string;
}

export interface LocksTable {
  readonly view: "locks";
  /** Of the selection. */
  readonly spanNs: number;
  readonly rows: readonly LockRow[];
  /** Rows before the limit. */
  readonly rowsInAll: number;
  /** Of contended locks, before the filter. */
  readonly waits: number;
  readonly totalNs: number;
  /** What is waiting for work or a signal, and not in `rows` unless it was asked for. */
  readonly idle: { readonly locks: number; readonly waits: number; readonly totalNs: number };
  /** Cycles of threads that wait for each other, in words. */
  readonly deadlocks: readonly string[];
  /** The profile has series of waits for locks. */
  readonly isRecorded: boolean;
}

export interface IoRow {
  /** Of the system call, the file, the peer or the calling function. */
  readonly name: string;
  /** The call, where the row is not one; of several, the first. */
  readonly call: string;
  readonly calls: number;
  readonly errors: number;
  /** NaN where durations were not recorded, or only summed up. */
  readonly totalNs: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** What reads and writes moved. */
  readonly bytes: number;
}

/** A file or a socket that the process has open, or had. */
export interface OpenRow extends Descriptor {
  /** Name of its process; "" where nobody says. */
  readonly process: string;
  /** false: it was closed in the time that is selected; the row is what it was last. */
  readonly isOpen: boolean;
  /** When it was first seen. */
  readonly sinceNs: number;
  /** Of late: by where it stands in a file, by what TCP says of a connection. NaN: unknown. */
  readonly bytesPerSecond: number;
}

/** As iostat has them; NaN where it is not told. */
export interface DiskRow {
  readonly device: string;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writtenBytesPerSecond: number;
  readonly readWaitNs: number;
  readonly writeWaitNs: number;
  /** Requests on their way, on average. */
  readonly queue: number;
  readonly busyShare: number;
  readonly mostBusyShare: number;
}

/** Requests to a disk of one kind. */
export interface RequestRow {
  readonly device: string;
  /** "read", "write", "flush", "discard", "other". */
  readonly operation: string;
  readonly requests: number;
  readonly errors: number;
  readonly totalNs: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  readonly bytes: number;
  /** Before the device had it; NaN where that was not recorded. */
  readonly queuedMeanNs: number;
  readonly queuedMaxNs: number;
  /** Requests by duration, below the table's limits. */
  readonly histogram: Float64Array;
  /**
   * Those with the most first. What the page cache held back, threads of the kernel ask for; and where only who issues is
   * recorded, they issue what had to wait its turn too.
   */
  readonly issuers: readonly {
    readonly name: string;
    readonly pid: number;
    readonly requests: number;
    readonly bytes: number;
  }[];
}

/** Requests to disks of one thread, asked for from one place. */
export interface AskerRow {
  readonly name: string;
  readonly pid: number;
  /** The function of the program that asked, or of the kernel where it is the kernel's own; "" where stacks are missing. */
  readonly site: string;
  readonly requests: number;
  readonly totalNs: number;
  readonly meanNs: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  readonly queuedMeanNs: number;
  readonly bytes: number;
}

export interface ThreadIoRow {
  readonly thread: number;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

export interface SlowCall {
  readonly call: string;
  readonly file: string;
  readonly startNs: number;
  readonly durationNs: number;
  readonly thread: number;
}

export interface IoTable {
  readonly view: "io";
  readonly spanNs: number;
  /** As a selection takes it; "" where no system calls were recorded. */
  readonly series: string;
  readonly isTimed: boolean;
  readonly rows: readonly IoRow[];
  /** Rows before the limit. */
  readonly rowsInAll: number;
  readonly calls: number;
  /** Calls that only wait, left out of all the others. */
  readonly waitingCalls: number;
  readonly errors: number;
  readonly totalNs: number;
  /** Calls by duration: below the first limit, below the second ..., and from the last one up. */
  readonly bucketLimitsNs: readonly number[];
  readonly histogram: Float64Array;
  /** The slowest calls first. */
  readonly slowest: readonly SlowCall[];
  /** Open ones first. */
  readonly open: readonly OpenRow[];
  readonly openInAll: number;
  readonly disks: readonly DiskRow[];
  /** One row a device and operation; empty where requests were not recorded. */
  readonly requests: readonly RequestRow[];
  /** Who asked for them ("asked") or, where only that was recorded, issued them; the longest times first. */
  readonly askers: readonly AskerRow[];
  readonly askersAre: "asked" | "issued";
  readonly threads: readonly ThreadIoRow[];
  /** Pages of files that were wanted and not in memory; null where nobody looked. */
  readonly misses: { readonly times: number; readonly bytes: number } | null;
}
