import type { LockKind } from "../../model/lock-waits.ts";

/** What a thread waits for, from the names of the functions that it waits in. */

export interface WaitKind {
  readonly kind: LockKind;
  /** It waits for work or for a signal: nobody keeps it from what it wants. */
  readonly isIdle: boolean;
}

/** Runtimes build their locks of mutexes and condition variables: who is further out knows better. */
const runtimeRules: readonly (readonly [RegExp, LockKind, boolean])[] = [
  [/^(?:take_gil|PyEval_(?:RestoreThread|AcquireThread|AcquireLock)|PyGILState_Ensure)\b/, "GIL", false],
  [/^ObjectMonitor::(?:enter|EnterI|ReenterI|TrySpin)/, "Java monitor", false],
  [/^ObjectMonitor::wait/, "condition variable", true],
  [/^(?:Parker::park|Unsafe_Park|JVM_Park)/, "park", true],
  [/^runtime\.lock2?\b/, "Go mutex", false],
  [/^runtime\.(?:note|semasleep|stopm|mPark)/, "park", true],
  [/^std::thread::(?:park|Thread::park)/, "park", true],
  [/^(?:uv_cond_wait|uv_sem_wait|v8::platform::\w*(?:GetNext|Worker|WaitFor))/, "condition variable", true],
];

/**
 * CPython's threading.Lock. Its Condition, Event, Queue and Thread.join are built on it too: only functions of Python tell
 * them apart, where the program names them (-X perf).
 */
const pythonLock = /^(?:PyThread_acquire_lock|_?PyMutex_LockTimed|lock_PyThread_acquire_lock|rlock_acquire)/;
const pythonWait =
  /^(?:(?:Condition\.)?(?:wait|wait_for)|(?:Thread\.)?(?:join|_wait_for_tstate_lock)|get|_queue_SimpleQueue_get\w*|simplequeue_get\w*)$/;
/** Functions of the interpreter, the C library and the kernel: whoever is further out called them. */
const interpreter =
  /^(?:_?Py|_?py[a-z]*_|\w*lock_|rlock_|acquire_|method_|cfunction_|\w*vectorcall|_?object_|function_|slot_|thread_run|start_thread|clone|\[|0x|main$|_start$|__|do_|entry_|sem_|futex_)/;

/** From the innermost function out, the first that says it. */
const rules: readonly (readonly [RegExp, LockKind, boolean])[] = [
  [
    /lll_lock_wait|pthread_mutex_(?:cond_)?(?:timed|clock)?lock|mutex::.*lock_contended|\bmtx_lock/,
    "mutex",
    false,
  ],
  [/pthread_rwlock_|rwlock::.*_contended/, "rwlock", false],
  [/pthread_cond_|condition_variable|Condvar|\bcnd_(?:timed)?wait/, "condition variable", true],
  [/sem_(?:timed|clock)?wait/, "semaphore", true],
  [/pthread_barrier_wait/, "barrier", true],
  [/pthread_(?:clock|timed)?join/, "join", true],
  [/pthread_once|__cxa_guard_acquire/, "mutex", false],
];

/** How far out runtimes are looked for. */
export const waitDepth = 24;

/** `names` from the innermost out. */
export function waitKindOf(names: readonly string[]): WaitKind {
  for (const name of names)
    for (const [pattern, kind, isIdle] of runtimeRules) if (pattern.test(name)) return { kind, isIdle };
  const at = names.findLastIndex((name) => pythonLock.test(name));
  if (at !== -1) {
    const caller = names.slice(at + 1).find((name) => pythonWait.test(name) || !interpreter.test(name));
    const isKnown = caller !== undefined || names.some((name) => name.startsWith("rlock_acquire"));
    return { kind: "Python lock", isIdle: !isKnown || (caller !== undefined && pythonWait.test(caller)) };
  }
  for (const name of names)
    for (const [pattern, kind, isIdle] of rules) if (pattern.test(name)) return { kind, isIdle };
  // Walked by frame pointers, the caller is missing: glibc waits here for conditions, semaphores and ends of threads.
  if (names.some((name) => name.includes("futex_abstimed_wait"))) return { kind: "futex", isIdle: true };
  return { kind: "futex", isIdle: false };
}

/** Why a thread left the processor. */
export type WaitReason =
  | "preempted"
  | "lock"
  | "waiting for work"
  | "sleep"
  | "disk"
  | "network"
  | "pipe"
  | "polling"
  | "child process"
  | "page fault"
  | "stopped"
  | "other";

/** Functions of the kernel, from the innermost out; those of the scheduler itself say nothing. */
const reasons: readonly (readonly [RegExp, WaitReason])[] = [
  [
    /^(?:__)?(?:do_)?(?:hrtimer_)?nanosleep|^common_nsleep|^(?:__x64_sys|__arm64_sys)_(?:clock_)?nanosleep/,
    "sleep",
  ],
  [
    /^io_schedule|^(?:folio|wait_on_page|__wait_on_page|wait_on_buffer|bit_wait_io)|^blk_|^submit_bio|^jbd2_|^(?:ext4|xfs|btrfs|f2fs|nfs)_|^do_fsync|^vfs_fsync|^filemap_/,
    "disk",
  ],
  [
    /^(?:tcp|udp|inet|inet6|unix|sk|sock|netlink|skb|__skb)_|^__x64_sys_(?:recv|send|accept|connect)/,
    "network",
  ],
  [/^(?:anon_)?pipe_|^(?:n_tty|tty)_/, "pipe"],
  [/^(?:do_)?(?:epoll|ep_poll|poll|select|sys_poll)|^(?:do_)?(?:sys_)?(?:poll|select)/, "polling"],
  [/^(?:do_wait|kernel_wait4|do_waitid)/, "child process"],
  [/^(?:__)?(?:mutex_lock|down_(?:read|write)|rwsem_|rt_mutex|percpu_down|__down)/, "lock"],
  [/^(?:handle_mm_fault|do_user_addr_fault|exc_page_fault|asm_exc_page_fault)/, "page fault"],
  [/^(?:ptrace_stop|do_signal_stop|get_signal)/, "stopped"],
];

/** `state` as sched_switch says it; `names` from the innermost out, kernel first. */
export function waitReasonOf(state: string, names: readonly string[]): WaitReason {
  if (state.startsWith("R")) return "preempted";
  if (/^[Tt]/.test(state)) return "stopped";
  for (const name of names) {
    if (/^_*(?:do_)?futex|^__x64_sys_futex/.test(name))
      return waitKindOf(names).isIdle ? "waiting for work" : "lock";
    for (const [pattern, reason] of reasons) if (pattern.test(name)) return reason;
  }
  return state.startsWith("D") ? "disk" : "other";
}
