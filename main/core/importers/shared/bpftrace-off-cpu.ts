import { jsonNumber } from "../../bytes/json-value.ts";
import { NONE } from "../../model/builder.ts";
import { linesOf } from "./bpftrace-split.ts";
import { textOf, UserStacks } from "./bpftrace-stacks.ts";
import type { OpenWaits, Sums, WaitSums, WaitWorld } from "./bpftrace-sums.ts";
import { type WaitReason, waitDepth, waitReasonOf } from "./wait-words.ts";

const stackCounts: Readonly<Record<string, number>> = {
  "@even": 3,
  "@odd": 3,
  "@back_even": 2,
  "@back_odd": 2,
};
/** Interrupts wake in the name of the thread that they have interrupted. */
const interrupts: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:hrtimer_|__hrtimer|it_real_fn|process_timeout|run_timer|call_timer_fn|posix_timer|timerfd_tmrproc)/,
    "a timer",
  ],
  [/^(?:blk_|nvme_|bio_endio|scsi_|end_bio|folio_end_|virtblk_|ata_)/, "a disk"],
  [
    /^(?:handle_irq|__handle_irq|handle_softirqs|__do_softirq|common_interrupt|asm_common_interrupt|sysvec_|__sysvec_|irq_)/,
    "an interrupt",
  ],
];
/** TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, __TASK_STOPPED, __TASK_TRACED; 0 and 256: it could go on. */
const stateOf = (state: number): string =>
  state === 0 || state === 256 ? "R" : state & 2 ? "D" : state & 4 ? "T" : state & 8 ? "t" : "S";

/** Times off the processor as native-scripts/bpf/off-cpu.bt counts them. */
export class OffCpuSums implements WaitSums {
  readonly #world: WaitWorld;
  readonly #users: UserStacks;
  readonly #reasons = new Map<string, WaitReason>();

  constructor(world: WaitWorld) {
    this.#world = world;
    this.#users = new UserStacks(world.maps, world.pid);
  }

  stacksOf(map: string): number | undefined {
    return stackCounts[map];
  }

  add(map: string, stacks: readonly string[], numbers: readonly number[], sums: Sums): void {
    const [kernel = "", user = "", path = ""] = stacks;
    const [state = 0, tid = 0, waker = NONE] = numbers;
    this.#write(kernel, user, state, tid, map.startsWith("@back") ? "" : this.#wakerOf(path, waker), sums);
  }

  finish(open: OpenWaits, endNs: number): void {
    const text = (map: string, tid: number): string => String(open.get(map)?.get(tid) ?? "");
    for (const [tid, began] of open.get("@began") ?? []) {
      const totalNs = endNs - this.#world.timeOf(jsonNumber(began));
      if (!(totalNs > 0)) continue;
      const state = Number(text("@state", tid));
      this.#write(text("@kernel", tid), text("@user", tid), state, tid, "", {
        timeNs: endNs,
        count: 1,
        totalNs,
      });
    }
  }

  #wakerOf(path: string, tid: number): string {
    for (const line of linesOf(path)) {
      const name = line.trim().replace(/^[0-9a-f]+ /, "");
      for (const [pattern, who] of interrupts) if (pattern.test(name)) return who;
    }
    return tid === 0 ? "an interrupt" : this.#world.title(tid);
  }

  #write(
    kernel: string,
    user: string,
    state: number,
    tid: number,
    waker: string,
    { timeNs, count, totalNs }: Sums,
  ): void {
    const { out, keys, thread } = this.#world;
    const { stack } = keys.read(`${kernel}\n,${textOf(this.#users.frames(user))}`);
    const reason = this.#reason(stateOf(state), stack);
    out
      .series({
        id: "off-cpu",
        name: "Off-CPU time",
        kind: "offcpu",
        timed: true,
        values: [
          { name: "time", unit: "nanoseconds" },
          { name: "waits", unit: "count" },
        ],
      })
      .add(
        out.seen(timeNs),
        thread(tid),
        stack,
        totalNs,
        count,
        out.labelSet([
          { key: out.string("reason"), text: out.string(reason) },
          ...(waker === "" ? [] : [{ key: out.string("woken by"), text: out.string(waker) }]),
        ]),
      );
  }

  #reason(state: string, stack: number): WaitReason {
    const key = `${state} ${stack}`;
    let reason = this.#reasons.get(key);
    if (reason === undefined) {
      reason = waitReasonOf(state, this.#world.out.stackNames(stack, waitDepth));
      this.#reasons.set(key, reason);
    }
    return reason;
  }
}
