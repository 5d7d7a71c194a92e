import { jsonArray, jsonNumber } from "../../bytes/json-value.ts";
import { textOf, UserStacks } from "./bpftrace-stacks.ts";
import type { OpenWaits, Sums, WaitSums, WaitWorld } from "./bpftrace-sums.ts";
import { LockWaits, type WaitedLock } from "./lock-waits.ts";
import { waitDepth, waitKindOf } from "./wait-words.ts";

/** Functions of C libraries that threads wait in: what lies between the call of the kernel and the program's own code. */
const lockCall = /pthread_|^sem_|^mtx_|^cnd_|^__cxa_guard|^call_once/;
const stackCounts: Readonly<Record<string, number>> = {
  "@even": 1,
  "@odd": 1,
  "@freed_even": 1,
  "@freed_odd": 1,
};

interface Site {
  readonly stack: number;
  readonly lock: WaitedLock;
  readonly isIdle: boolean;
}

/** Who wants it waits for a time; who has given it away, without one, until another has it. */
const isOfGil = (kind: string, names: readonly string[]): boolean =>
  kind === "mutex" ||
  (kind === "condition variable" && names.some((name) => name.startsWith("pthread_cond_timedwait")));

/** Waits for futexes as native-scripts/bpf/locks.bt counts them. */
export class FutexSums implements WaitSums {
  readonly #world: WaitWorld;
  readonly #locks: LockWaits;
  readonly #users: UserStacks;
  readonly #sites = new Map<string, Site>();
  /** By address: waiters' stacks say it, those who let go do not. */
  readonly #byAddress = new Map<number, Site>();
  readonly #waiting: (() => void)[] = [];

  constructor(world: WaitWorld) {
    this.#world = world;
    this.#locks = new LockWaits(world.out);
    this.#locks.begin();
    this.#users = new UserStacks(world.maps, world.pid);
  }

  stacksOf(map: string): number | undefined {
    return stackCounts[map];
  }

  add(map: string, [stack = ""]: readonly string[], numbers: readonly number[], sums: Sums): void {
    const [address = 0, library = 0, caller = 0, command = 0, tid = 0, holder = 0] = numbers;
    const { out, thread, title } = this.#world;
    const { timeNs, count, totalNs } = sums;
    if (!map.startsWith("@freed")) {
      const { lock, isIdle, stack: at } = this.#site(stack, address, library, caller, command);
      const had = holder === 0 || isIdle ? "" : title(holder);
      this.#locks.summed({
        lock,
        isIdle,
        stack: at,
        thread: thread(tid),
        timeNs,
        totalNs,
        count,
        holder: had,
      });
      return;
    }
    // The first to wait for a lock tells what it is, and may come after the first to let it go.
    const at = this.#stack(stack, library, caller);
    const write = (): void => {
      const site = this.#byAddress.get(address);
      if (site && !site.isIdle)
        this.#locks.heldInAll(site.lock, { timeNs, thread: thread(tid), stack: at, totalNs, count });
    };
    if (this.#byAddress.has(address)) write();
    else this.#waiting.push(write);
    out.seen(timeNs);
  }

  finish(open: OpenWaits, endNs: number): void {
    for (const write of this.#waiting) write();
    const { thread, timeOf } = this.#world;
    const stacks = open.get("@stack");
    const waits = open.get("@wait");
    for (const [tid, began] of open.get("@began") ?? []) {
      const startNs = timeOf(jsonNumber(began));
      const numbers = jsonArray(waits?.get(tid)).map((value) => jsonNumber(value));
      const [address = Number.NaN, library = 0, caller = 0, command = 0] = numbers;
      if (!(startNs <= endNs) || Number.isNaN(address)) continue;
      const { lock, isIdle, stack } = this.#site(
        String(stacks?.get(tid) ?? ""),
        address,
        library,
        caller,
        command,
      );
      this.#locks.wait({
        lock,
        isIdle,
        stack,
        thread: thread(tid),
        startNs,
        endNs,
        holder: "",
        isOpen: true,
      });
    }
  }

  #site(text: string, address: number, library: number, caller: number, command: number): Site {
    const key = `${address} ${library} ${caller} ${command} ${text}`;
    let site = this.#sites.get(key);
    if (!site) {
      const { out, maps, pid } = this.#world;
      const stack = this.#stack(text, library, caller);
      const hex = `0x${address.toString(16)}`;
      const name = maps.variable(pid, hex);
      const names = out.stackNames(stack, waitDepth);
      const found = waitKindOf(names);
      // Without frame pointers nobody says take_gil: the GIL is a mutex and a condition variable among CPython's own variables.
      const isGil = found.kind === "GIL" || (name === "_PyRuntime" && isOfGil(found.kind, names));
      const lock = isGil ? ({ name: "GIL", kind: "GIL" } as const) : { name, kind: found.kind };
      site = { stack, isIdle: found.isIdle && !isGil, lock: { ...lock, address: hex } };
      this.#sites.set(key, site);
      const known = this.#byAddress.get(address);
      if (!known || known.isIdle) this.#byAddress.set(address, site);
    }
    return site;
  }

  /** With the functions between the call of the kernel and the first one that has a frame pointer. */
  #stack(text: string, library: number, caller: number): number {
    const frames = this.#users.frames(text);
    const between = [library, caller].flatMap((address, index) => {
      const frame = this.#users.at(address);
      if (frame === null || frames.some(({ name }) => name === frame.name)) return [];
      return index === 0 && !lockCall.test(frame.name) ? [] : [frame];
    });
    // Only of a C library is it known that its caller is missing.
    const isLibrary = /\/libc[.-]|\/libpthread|\/ld-musl/.test(frames[0]?.line ?? "");
    const all = isLibrary ? [...frames.slice(0, 1), ...between, ...frames.slice(1)] : frames;
    return this.#world.keys.read(textOf(all)).stack;
  }
}
