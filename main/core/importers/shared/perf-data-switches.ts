import type { ProfileBuilder } from "../../model/builder.ts";
import { float64, int32, uint8 } from "../../model/growable.ts";

const OUT = 1;
const PREEMPTED = 2;
/** PERF_RECORD_MISC_SWITCH_OUT and _SWITCH_OUT_PREEMPT. */
const MISC_OUT = 1 << 13;
const MISC_PREEMPTED = 1 << 14;

/** Context switches as the times that each thread did not run. They come in the order of processors, not of time. */
export class PerfDataSwitches {
  readonly #out: ProfileBuilder;
  readonly #max: number;
  readonly #thread = int32();
  readonly #time = float64();
  readonly #flags = uint8();

  constructor(out: ProfileBuilder, max: number) {
    this.#out = out;
    this.#max = max;
  }

  add(thread: number, timeNs: number, misc: number): void {
    if (this.#thread.length >= this.#max) {
      this.#out.note(`Only the first ${this.#max} context switches were read.`);
      return;
    }
    this.#thread.push(thread);
    this.#time.push(timeNs);
    this.#flags.push((misc & MISC_OUT ? OUT : 0) | (misc & MISC_PREEMPTED ? PREEMPTED : 0));
  }

  finish(): void {
    const threads = this.#thread.view();
    const times = this.#time.view();
    const order = new Uint32Array(threads.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort(
      (a, b) =>
        (threads[a] as number) - (threads[b] as number) ||
        (times[a] as number) - (times[b] as number) ||
        a - b,
    );
    for (let i = 0; i + 1 < order.length; i++) this.#pair(order[i] as number, order[i + 1] as number);
  }

  #pair(from: number, to: number): void {
    const flags = this.#flags;
    const isSame = this.#thread.at(from) === this.#thread.at(to);
    if (!isSame || (flags.at(from) & OUT) === 0 || (flags.at(to) & OUT) !== 0) return;
    const out = this.#out;
    out.interval({
      start: this.#time.at(from),
      end: this.#time.at(to),
      thread: this.#thread.at(from),
      category: out.string("scheduler"),
      name: out.string(flags.at(from) & PREEMPTED ? "preempted" : "off CPU"),
    });
  }
}
