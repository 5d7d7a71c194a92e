import { kindAt, type Profile } from "../../model/profile.ts";

/** Libraries of locks: who waits, or holds, is who called them. */
const machinery =
  /^(?:_+)?(?:GI_+)?(?:lll_|pthread_|futex|syscall|clone|start_thread|sem_|mtx_|cnd_|entry_SYSCALL|do_syscall)|^__x64_sys_|^std::(?:mutex|__|unique_lock|lock_guard|scoped_lock|condition_variable|sys::|sync::)|^(?:internal\/)?sync\.|^runtime\.|^java\.util\.concurrent|^java\.lang\.Object\.wait|^jdk\.internal|\bUnsafe\.park$|^take_gil$|^PyEval_|^ObjectMonitor::|^parking_lot|^(?:rwsem_|rt_mutex|__mutex_|mutex_lock|__?pv_|native_queued|queued_|_raw_|up_|down_|percpu_down|__down|schedule|__schedule)/;

/** CPython's own functions: who waits is the function of Python that called them, where the program names those. */
const interpreter =
  /^_?Py[A-Z]|^_Py_|^(?:__new_sem_|sem_|take_gil|drop_gil|py_trampoline|pysleep|time_sleep|acquire_timed|r?lock_|rlock_|method_vectorcall|cfunction_|_?call_function|_ctypes_|ffi_|thread_run|pythread_wrapper)/;

export const isLockFunction = (name: string): boolean =>
  /\bMutex\)?\.(?:Lock|lock|Unlock|RLock)|\.semacquire|\.lock2?$|Mutex\)?\.(?:lockSlow|unlockSlow)/i.test(
    name,
  );

/** Channels, wait groups, conditions: they wait for work. */
export const isWorkFunction = (name: string): boolean =>
  /^runtime\.(?:chan(?:recv|send)|select|block)|\.(?:Cond|WaitGroup)\)?\.Wait$|^time\.Sleep/.test(name);

/** The function that a stack is about, outermost of what only locks do. By stack; remembered. */
export class LockSites {
  readonly #profile: Profile;
  readonly #sites = new Map<number, number>();
  readonly #names = new Map<number, readonly string[]>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** Function index, or -1. */
  site(stack: number): number {
    let site = this.#sites.get(stack);
    if (site === undefined) {
      site = this.#find(stack);
      this.#sites.set(stack, site);
    }
    return site;
  }

  name(func: number): string {
    const { strings, functions } = this.#profile;
    return func === -1 ? "" : (strings[functions.name[func]] ?? "");
  }

  /** Of the innermost functions. */
  names(stack: number): readonly string[] {
    let names = this.#names.get(stack);
    if (!names) {
      const { stacks, frames } = this.#profile;
      const found: string[] = [];
      for (let at = stack; at !== -1 && found.length < 8; at = stacks.prefix[at])
        found.push(this.name(frames.function[stacks.frame[at]]));
      names = found;
      this.#names.set(stack, names);
    }
    return names;
  }

  #find(stack: number): number {
    const { stacks, frames, functions } = this.#profile;
    let innermost = -1;
    let own = -1;
    for (let at = stack; at !== -1; at = stacks.prefix[at]) {
      const func = frames.function[stacks.frame[at]];
      if (innermost === -1) innermost = func;
      const name = this.name(func);
      if (machinery.test(name)) continue;
      if (kindAt(functions.kind[func] ?? 0) === "python") return func;
      if (own === -1) own = func;
      if (!interpreter.test(name)) return own;
    }
    return own === -1 ? innermost : own;
  }
}
