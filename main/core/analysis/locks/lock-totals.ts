import { float64 } from "../../model/growable.ts";
import type { LockRow } from "../../model/tables.ts";
import type { LockSites } from "./sites.ts";
import type { LockSource, LockWords } from "./sources.ts";

interface Span {
  readonly startNs: number;
  readonly valueNs: number;
}

/** What the waits for one lock add up to. */
export class LockTotals {
  readonly #name: string;
  readonly #words: LockWords;
  #waits = 0;
  #open = 0;
  #totalNs = 0;
  #heldNs = 0;
  #heldCount = 0;
  #isSummed = false;
  readonly #threads = new Set<number>();
  readonly #durations = float64();
  readonly #starts = float64();
  /** ns by stack. */
  readonly #waiters = new Map<number, number>();
  readonly #holderStacks = new Map<number, number>();
  /** ns by "name/tid". */
  readonly #holders = new Map<string, number>();
  #waitsSeries = "";
  #holdersSeries = "";

  constructor(name: string, words: LockWords) {
    this.#name = name;
    this.#words = words;
  }

  waited(
    { chosen, counts }: LockSource,
    words: LockWords,
    stack: number,
    thread: number,
    count: number,
    span: Span,
  ): void {
    const { startNs, valueNs } = span;
    this.#waitsSeries = chosen.id;
    this.#waits += count;
    if (words.isOpen) this.#open += count;
    this.#totalNs += valueNs;
    if (thread !== -1) this.#threads.add(thread);
    if (counts === null) {
      this.#durations.push(valueNs);
      this.#starts.push(startNs);
    } else this.#isSummed = true;
    if (stack !== -1) add(this.#waiters, stack, valueNs);
    if (words.holder !== "") add(this.#holders, words.holder, valueNs);
  }

  held(
    { chosen, counts }: LockSource,
    _words: LockWords,
    stack: number,
    valueNs: number,
    count: number,
  ): void {
    this.#holdersSeries = chosen.id;
    this.#heldNs += valueNs;
    if (counts !== null) {
      this.#heldCount += count;
      this.#isSummed = true;
    }
    if (stack !== -1) add(this.#holderStacks, stack, valueNs);
  }

  /** null where nobody was seen to wait for it. */
  row(spanNs: number, sites: LockSites): LockRow | null {
    // A profile that sums up by holder (Go's mutex profile) has the waits there.
    const isByHolder = this.#waits === 0 && this.#heldCount > 0;
    const waits = isByHolder ? this.#heldCount : this.#waits;
    const totalNs = isByHolder ? this.#heldNs : this.#totalNs;
    if (waits === 0) return null;
    const { kind, address, isIdle, tag } = this.#words;
    const sorted = Float64Array.from(this.#durations.view()).sort();
    const at = (share: number): number =>
      this.#isSummed || sorted.length === 0
        ? Number.NaN
        : (sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN);
    const waiter = heaviestSite(this.#waiters, sites);
    const holding = heaviestSite(this.#holderStacks, sites);
    return {
      lock: this.#name,
      kind,
      address: address === this.#name ? "" : address,
      isIdle,
      waits,
      open: this.#open,
      threads: this.#threads.size,
      totalNs,
      meanNs: totalNs / waits,
      p50Ns: at(0.5),
      p99Ns: at(0.99),
      maxNs: at(1),
      share: spanNs > 0 ? (this.#isSummed ? totalNs : this.#coveredNs()) / spanNs : Number.NaN,
      waiter: sites.name(waiter.site),
      waiterFunction: waiter.site,
      holder: heaviest(this.#holders),
      holderFunction: sites.name(holding.site),
      holderFunctionIndex: holding.site,
      holderShare: this.#heldNs > 0 ? holding.valueNs / this.#heldNs : Number.NaN,
      waitsSeries: this.#waitsSeries,
      holdersSeries: this.#holdersSeries,
      tag,
    };
  }

  /** Time during which at least one thread waited. */
  #coveredNs(): number {
    const starts = this.#starts.view();
    const durations = this.#durations.view();
    if (starts.some(Number.isNaN)) return this.#totalNs;
    const order = Uint32Array.from(starts.keys()).sort(
      (a, b) => (starts[a] as number) - (starts[b] as number),
    );
    let coveredNs = 0;
    let untilNs = Number.NEGATIVE_INFINITY;
    for (const row of order) {
      const startNs = Math.max(starts[row] as number, untilNs);
      const endNs = (starts[row] as number) + (durations[row] as number);
      if (endNs <= startNs) continue;
      coveredNs += endNs - startNs;
      untilNs = endNs;
    }
    return coveredNs;
  }
}

function add<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function heaviest(sums: ReadonlyMap<string, number>): string {
  let best = "";
  let most = -1;
  for (const [key, value] of sums) if (value > most) [best, most] = [key, value];
  return best;
}

function heaviestSite(
  stacks: ReadonlyMap<number, number>,
  sites: LockSites,
): { site: number; valueNs: number } {
  const bySite = new Map<number, number>();
  for (const [stack, value] of stacks) add(bySite, sites.site(stack), value);
  let best = { site: -1, valueNs: 0 };
  for (const [site, valueNs] of bySite) if (valueNs > best.valueNs) best = { site, valueNs };
  return best;
}
