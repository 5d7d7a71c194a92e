import { float64 } from "../../model/growable.ts";
import type { IoRow, SlowCall } from "../../model/tables.ts";

interface Call {
  readonly durationNs: number;
  readonly calls: number;
  readonly error: string;
  readonly bytes: number;
  readonly startNs: number;
  readonly call: string;
  readonly file: string;
  readonly thread: number;
}

const MOST_SLOW = 20;

/** What calls of one kind add up to. */
export class IoTotals {
  readonly #name: string;
  readonly #call: string;
  #calls = 0;
  #errors = 0;
  #totalNs = 0;
  #bytes = 0;
  #isTimed = false;
  #isSummed = false;
  readonly #durations = float64();
  #slow: SlowCall[] = [];

  constructor(name: string, call: string) {
    this.#name = name;
    this.#call = call;
  }

  add({ durationNs, calls, error, bytes, startNs, call, file, thread }: Call): void {
    this.#calls += calls;
    if (error !== "") this.#errors += calls;
    this.#bytes += bytes;
    if (Number.isNaN(durationNs)) return;
    this.#isTimed = true;
    this.#totalNs += durationNs;
    if (calls !== 1) this.#isSummed = true;
    this.#durations.push(durationNs);
    const least = this.#slow.at(-1);
    if (this.#slow.length === MOST_SLOW && least !== undefined && durationNs <= least.durationNs) return;
    const at = this.#slow.findIndex((each) => each.durationNs < durationNs);
    this.#slow.splice(at === -1 ? this.#slow.length : at, 0, { call, file, startNs, durationNs, thread });
    this.#slow = this.#slow.slice(0, MOST_SLOW);
  }

  slowest(): readonly SlowCall[] {
    return this.#isSummed ? [] : this.#slow;
  }

  row(): IoRow {
    const sorted = this.#isSummed ? new Float64Array(0) : Float64Array.from(this.#durations.view()).sort();
    const at = (share: number): number =>
      sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
    return {
      name: this.#name,
      call: this.#call,
      calls: this.#calls,
      errors: this.#errors,
      totalNs: this.#isTimed ? this.#totalNs : Number.NaN,
      meanNs: this.#isTimed ? this.#totalNs / this.#calls : Number.NaN,
      p50Ns: at(0.5),
      p99Ns: at(0.99),
      maxNs: at(1),
      bytes: this.#bytes,
    };
  }
}
