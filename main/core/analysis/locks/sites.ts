import type { Profile } from "../../model/profile.ts";

/** Libraries of locks: who waits, or holds, is who called them. */
const machinery =
  /^(?:_+)?(?:GI_+)?(?:lll_|pthread_|futex|syscall|clone|start_thread|sem_|mtx_|cnd_|entry_SYSCALL|do_syscall)|^__x64_sys_|^std::(?:mutex|__|unique_lock|lock_guard|scoped_lock|condition_variable|sys::|sync::)|^(?:internal\/)?sync\.|^runtime\.|^java\.util\.concurrent|^java\.lang\.Object\.wait|^jdk\.internal|\bUnsafe\.park$|^take_gil$|^PyEval_|^ObjectMonitor::|^parking_lot|^(?:rwsem_|rt_mutex|__mutex_|mutex_lock|__?pv_|native_queued|queued_|_raw_|up_|down_|percpu_down|__down|schedule|__schedule)/;

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
    const { stacks, frames } = this.#profile;
    let innermost = -1;
    for (let at = stack; at !== -1; at = stacks.prefix[at]) {
      const func = frames.function[stacks.frame[at]];
      if (innermost === -1) innermost = func;
      if (!machinery.test(this.name(func))) return func;
    }
    return innermost;
  }
}
