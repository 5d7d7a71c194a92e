import type { ProfileBuilder } from "../../model/builder.ts";
import { isJitDump } from "./jit-names.ts";

/** What is mapped where: addresses as page numbers (4 KiB), for 64 bits do not fit a float64. */
export interface Region {
  readonly firstPage: number;
  readonly lastPage: number;
  /** Where it starts, in two halves. */
  readonly startHigh: number;
  readonly startLow: number;
  /** Bytes into the file. */
  readonly fileOffset: number;
  readonly path: string;
  /** Hex, "" where the record does not say. */
  readonly buildId: string;
}

/** What one process had mapped for a while. */
export interface AddressSpace {
  readonly id: number;
  readonly pid: number;
  readonly from: number;
  regions: readonly Region[];
  /** Grows when a region comes where there was none. In what is read twice that is over before the samples come. */
  revision: number;
  /** The jitdump that its runtime writes: mapped, so that perf's records name it; "" where there is none. */
  dump: string;
}

export const pageOf = (high: number, low: number): number => high * 2 ** 20 + (low >>> 12);

/** Linux lets a process have 65,530; what is past that in a file is not one. */
const MAX_REGIONS = 65_536;
/** Regions that are copied because a later mapping replaced an earlier one. */
const MAX_COPIES = 2e7;

interface MapRecord {
  readonly time: number;
  readonly order: number;
  readonly pid: number;
  readonly region: Region | null;
  /** Process whose mappings this one starts with; -1 for an exec, which starts with none. */
  readonly parent: number;
}

/**
 * Address spaces of all processes over time. perf writes what each processor saw, so records are first collected, then
 * put in order, unless they come in order; a sample is looked up in what its process had mapped at that time.
 */
export class AddressSpaces {
  readonly #isInOrder: boolean;
  readonly #records: MapRecord[] = [];
  readonly #spaces = new Map<number, AddressSpace[]>();
  /** Regions of the newest space, where they are its own and may still grow. */
  readonly #own = new Map<number, Region[]>();
  #count = 0;
  #copies = 0;
  #isCut = false;
  #last: AddressSpace | null = null;
  #lastUntil = 0;

  constructor(isInOrder = false) {
    this.#isInOrder = isInOrder;
  }

  map(time: number, pid: number, region: Region): void {
    this.#take({ time, order: this.#records.length, pid, region, parent: -1 });
  }

  fork(time: number, pid: number, parent: number): void {
    this.#take({ time, order: this.#records.length, pid, region: null, parent });
  }

  exec(time: number, pid: number): void {
    this.#take({ time, order: this.#records.length, pid, region: null, parent: -1 });
  }

  #take(record: MapRecord): void {
    if (this.#isInOrder) this.#apply(record);
    else this.#records.push(record);
  }

  #apply({ time, pid, region, parent }: MapRecord): void {
    this.#last = null;
    if (region) this.#add(time, pid, region);
    else if (parent === -1) this.#begin(time, pid, [], true, "");
    else {
      const from = this.#newest(parent);
      this.#begin(time, pid, from?.regions ?? [], false, from?.dump ?? "");
      // Both see the same regions from here on: whoever changes them makes a copy.
      this.#own.delete(parent);
    }
  }

  /** After the last record; before the first question, where they do not come in order. */
  finish(out: ProfileBuilder): void {
    this.#records.sort((a, b) => a.time - b.time || a.order - b.order);
    for (const record of this.#records) this.#apply(record);
    this.#records.length = 0;
    this.#own.clear();
    if (this.#isCut) out.note("There are more memory mappings than a process can have; some were left out.");
  }

  /** What the process had mapped then; null where nothing is known of it. */
  at(pid: number, time: number): AddressSpace | null {
    const last = this.#last;
    if (last !== null && last.pid === pid && time >= last.from && time < this.#lastUntil) return last;
    const spaces = this.#spaces.get(pid);
    if (!spaces) return null;
    let low = 0;
    let high = spaces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((spaces[middle] as AddressSpace).from <= time) low = middle;
      else high = middle - 1;
    }
    const space = spaces[low] as AddressSpace;
    this.#last = space;
    this.#lastUntil = spaces[low + 1]?.from ?? Number.POSITIVE_INFINITY;
    return space;
  }

  #newest(pid: number): AddressSpace | undefined {
    return this.#spaces.get(pid)?.at(-1);
  }

  #begin(time: number, pid: number, regions: readonly Region[], isOwn: boolean, dump: string): void {
    const space = { id: ++this.#count, pid, from: time, regions, revision: 0, dump };
    const spaces = this.#spaces.get(pid);
    if (spaces) spaces.push(space);
    else this.#spaces.set(pid, [space]);
    if (isOwn) this.#own.set(pid, regions as Region[]);
    else this.#own.delete(pid);
  }

  #add(time: number, pid: number, region: Region): void {
    const space = this.#newest(pid);
    if (!space) this.#begin(time, pid, [], true, "");
    const known = this.#newest(pid)?.regions ?? [];
    let own = this.#own.get(pid);
    const first = firstAfter(known, region.firstPage);
    let next = first;
    while (next < known.length && (known[next] as Region).firstPage < region.lastPage) next++;
    const isOverlap = next > first;
    if (known.length >= MAX_REGIONS && !isOverlap) {
      this.#isCut = true;
      return;
    }
    if (own === undefined || (isOverlap && time > (space?.from ?? 0))) {
      if (this.#copies < MAX_COPIES) {
        this.#copies += known.length;
        const copy = [...known];
        if (isOverlap) this.#begin(time, pid, copy, true, space?.dump ?? "");
        else {
          // Shared with the process it was forked from.
          (this.#newest(pid) as AddressSpace).regions = copy;
          this.#own.set(pid, copy);
        }
        own = copy;
      } else this.#isCut = true;
    }
    if (own === undefined) return;
    const kept: Region[] = [];
    for (let i = first; i < next; i++) cutOut(own[i] as Region, region, kept);
    const after = kept.findIndex((part) => part.firstPage > region.firstPage);
    kept.splice(after === -1 ? kept.length : after, 0, region);
    own.splice(first, next - first, ...kept);
    const grown = this.#newest(pid) as AddressSpace;
    grown.revision++;
    if (isJitDump(region.path)) grown.dump = region.path;
  }
}

/** The first region that ends after the page. */
function firstAfter(regions: readonly Region[], page: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[middle] as Region).lastPage <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is left of a region where another was mapped over it. */
function cutOut(region: Region, over: Region, into: Region[]): void {
  if (region.firstPage < over.firstPage) into.push({ ...region, lastPage: over.firstPage });
  if (region.lastPage > over.lastPage) {
    const skipped = over.lastPage - region.firstPage;
    into.push({
      ...region,
      firstPage: over.lastPage,
      startHigh: Math.floor(over.lastPage / 2 ** 20),
      startLow: (over.lastPage % 2 ** 20) * 4096,
      fileOffset: region.fileOffset + skipped * 4096 - (region.startLow & 0xfff),
    });
  }
}

/** The region that holds the address, or null. */
export function regionAt(space: AddressSpace, high: number, low: number): Region | null {
  const page = pageOf(high, low);
  const region = space.regions[firstAfter(space.regions, page)];
  return region && region.firstPage <= page ? region : null;
}
