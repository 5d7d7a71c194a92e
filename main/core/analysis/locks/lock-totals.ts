import { float64 } from "../../model/growable.ts";
import type { LockRow } from "../../model/tables.ts";
import type { LockSites } from "./sites.ts";
import type { LockSource, LockWords } from "./sources.ts";

interface Span {
  readonly startNs: number;
  readonly valueNs: number;
}

/** Sums of one moment, by thread. */
type Moment = Map<number, number>;

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
  #maxNs = Number.NaN;
  /** How long one wait was is not known. */
  #isSeen = false;
  readonly #threads = new Set<number>();
  /** Of each row, how long a wait of it took, and how many there were. */
  readonly #durations = float64();
  readonly #counts = float64();
  /** Of the rows that are one wait. */
  readonly #starts = float64();
  readonly #lengths = float64();
  /** Of the others, by time. */
  readonly #moments = new Map<number, Moment>();
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
    { chosen, isMixed, everyNs }: LockSource,
    words: LockWords,
    stack: number,
    thread: number,
    count: number,
    span: Span,
  ): void {
    const { startNs, valueNs } = span;
    this.#waitsSeries = chosen.id;
    this.#waits += count;
    if (words.maxNs > this.#maxNs || Number.isNaN(this.#maxNs)) this.#maxNs = words.maxNs;
    if (words.isOpen) this.#open += count;
    this.#totalNs += valueNs;
    if (thread !== -1) this.#threads.add(thread);
    if (everyNs !== null) this.#isSeen = true;
    if (isMixed) this.#isSummed = true;
    else {
      this.#durations.push(valueNs / count);
      this.#counts.push(count);
      if (count === 1) {
        this.#starts.push(startNs);
        this.#lengths.push(valueNs);
      } else {
        const timeNs = startNs + valueNs;
        const moment: Moment = this.#moments.get(timeNs) ?? new Map();
        this.#moments.set(timeNs, moment);
        add(moment, thread, valueNs);
      }
    }
    if (stack !== -1) add(this.#waiters, stack, valueNs);
    if (words.holder !== "") add(this.#holders, words.holder, valueNs);
  }

  held(
    { chosen, isMixed, isSampled }: LockSource,
    words: LockWords,
    stack: number,
    thread: number,
    count: number,
    valueNs: number,
  ): void {
    this.#holdersSeries = chosen.id;
    this.#heldNs += valueNs;
    if (isSampled) {
      this.#isSeen = true;
      this.#threads.add(thread);
      add(this.#holders, words.holder, valueNs);
    }
    if (isMixed || isSampled) {
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
    const isUnknown = this.#isSummed || this.#isSeen;
    const at = isUnknown ? () => Number.NaN : percentiles(this.#durations.view(), this.#counts.view());
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
      meanNs: this.#isSeen ? Number.NaN : totalNs / waits,
      p50Ns: at(0.5),
      p99Ns: at(0.99),
      maxNs: isUnknown ? this.#maxNs : at(1),
      share: spanNs > 0 ? (this.#isSummed ? totalNs : this.#coveredNs(spanNs)) / spanNs : Number.NaN,
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
  #coveredNs(spanNs: number): number {
    const starts = this.#starts.view();
    if (starts.some(Number.isNaN)) return this.#totalNs;
    return Math.min(spanNs, coveredBySpans(starts, this.#lengths.view()) + coveredByMoments(this.#moments));
  }
}

function coveredBySpans(starts: Float64Array, lengths: Float64Array): number {
  const order = Uint32Array.from(starts.keys()).sort((a, b) => (starts[a] as number) - (starts[b] as number));
  let coveredNs = 0;
  let untilNs = Number.NEGATIVE_INFINITY;
  for (const row of order) {
    const startNs = Math.max(starts[row] as number, untilNs);
    const endNs = (starts[row] as number) + (lengths[row] as number);
    if (endNs <= startNs) continue;
    coveredNs += endNs - startNs;
    untilNs = endNs;
  }
  return coveredNs;
}

/** When each wait of a sum was is not known: threads are taken to wait independently of each other. */
function coveredByMoments(moments: ReadonlyMap<number, Moment>): number {
  const times = [...moments.keys()].sort((a, b) => a - b);
  const steps = times.map((time, i) => time - (times[i - 1] ?? 0)).sort((a, b) => a - b);
  const usualNs = steps[steps.length >> 1] ?? 0;
  let coveredNs = 0;
  for (const [i, time] of times.entries()) {
    // A lock for which nobody waited for a while has no sums of that time.
    const stepNs = Math.min(time - (times[i - 1] ?? 0), usualNs * 1.5);
    let free = 1;
    for (const waitedNs of moments.get(time)?.values() ?? []) free *= 1 - Math.min(1, waitedNs / stepNs);
    coveredNs += (1 - free) * stepNs;
  }
  return coveredNs;
}

/** The wait that such a share of all waits does not exceed; NaN where there are none. */
function percentiles(durations: Float64Array, counts: Float64Array): (share: number) => number {
  const order = Uint32Array.from(durations.keys()).sort(
    (a, b) => (durations[a] as number) - (durations[b] as number),
  );
  const all = counts.reduce((sum, count) => sum + count, 0);
  return (share) => {
    const wanted = Math.max(1, Math.ceil(all * share));
    let seen = 0;
    for (const row of order) {
      seen += counts[row] as number;
      if (seen >= wanted) return durations[row] as number;
    }
    return Number.NaN;
  };
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
  for (const [site, valueNs] of bySite)
    if (best.site === -1 || valueNs > best.valueNs) best = { site, valueNs };
  return best;
}
