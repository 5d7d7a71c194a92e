/**
 * How waits for locks lie in a profile, whatever recorded them: three series that the ordinary views show as they are, and
 * of which the table of locks is made. Every row is one wait, or one stretch of one, with its time in ns; labels say of what.
 */

/** What was waited for while somebody had it: contention. */
export const lockWaitsId = "lock-waits";
/** By stack of who had it (where that one let it go), so long as somebody waited. */
export const lockHoldersId = "lock-holders";
/** Waiting for work or a signal, in the same calls: condition variables, idle pools. No contention. */
export const idleWaitsId = "idle-waits";

/**
 * Times that locks were held, whether or not somebody waited: summed up by where they were taken (drd), or samples of who
 * held one (py-spy's holders of the GIL).
 */
export const lockHoldsId = "lock-holds";

/** Threads that wanted a lock when all threads were dumped, and those that had it: one sample each, of no known length. */
export const lockSightingsId = "lock-sightings";
export const lockHolderSightingsId = "lock-holder-sightings";

/** Keys of the labels. */
export const lockLabel = {
  /** The variable's name, or its address. */
  lock: "lock",
  address: "lock address",
  kind: "lock kind",
  /** "name/tid" of who had it for the longest part of the wait. */
  holder: "holder",
  /** The wait had not ended when the recording did. */
  open: "unfinished",
} as const;

/** A mark with this in front names threads that wait for each other. */
export const deadlockMark = "Deadlock: ";

export type LockKind =
  | "mutex"
  | "rwlock"
  | "semaphore"
  | "condition variable"
  | "barrier"
  | "join"
  | "park"
  | "GIL"
  | "Python lock"
  | "Java monitor"
  | "Go mutex"
  | "kernel lock"
  | "futex";
