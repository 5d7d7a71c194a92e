import { expect, test } from "vitest";
import { waitKindOf } from "#core/importers/shared/wait-words.ts";

const python = [
  "__futex_abstimed_wait_common",
  "sem_clockwait",
  "PyThread_acquire_lock_timed",
  "acquire_timed",
];
const called = [
  "lock_PyThread_acquire_lock",
  "method_vectorcall_VARARGS_KEYWORDS",
  "_PyEval_EvalFrameDefault",
];

test.each<readonly [string, readonly string[], string, boolean]>([
  ["a threading.Lock", [...python, ...called, "withdraw", "_PyEval_Vector", "run"], "Python lock", false],
  ["a Condition, an Event, a Queue", [...python, ...called, "wait", "get", "worker"], "Python lock", true],
  [
    "a Queue, as perf names Python's functions",
    [...python, ...called, "Condition.wait", "py_trampoline_evaluator", "Queue.get", "await_work"],
    "Python lock",
    true,
  ],
  [
    "a lock that a queue's own function takes",
    [...python, ...called, "Ledger.get", "py_trampoline_evaluator", "run"],
    "Python lock",
    false,
  ],
  [
    "the end of a thread",
    [...python, ...called, "_wait_for_tstate_lock", "join", "<module>"],
    "Python lock",
    true,
  ],
  ["an RLock, which no Condition waits on", [...python, "rlock_acquire", "thread_run"], "Python lock", false],
  [
    "who asks is not named",
    [...python, ...called, "thread_run", "start_thread", "clone3"],
    "Python lock",
    true,
  ],
  ["a pool's queue", [...python, "_queue_SimpleQueue_get_impl", "start_thread"], "Python lock", true],
  ["the GIL", ["__futex_abstimed_wait_common", "pthread_cond_timedwait", "take_gil"], "GIL", false],
  ["a mutex", ["__lll_lock_wait", "pthread_mutex_lock", "take"], "mutex", false],
  [
    "a semaphore of a program's own",
    ["__futex_abstimed_wait_common", "sem_wait", "next_job"],
    "semaphore",
    true,
  ],
])("%s", (_, names, kind, isIdle) => expect(waitKindOf(names)).toEqual({ kind, isIdle }));
