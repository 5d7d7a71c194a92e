import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";

const grown = <T extends Float64Array | Int32Array | Uint8Array>(
  column: T,
  make: (length: number) => T,
  length: number,
): T => {
  if (length <= column.length) return column;
  const next = make(Math.max(64, length, column.length * 2));
  next.set(column);
  return next;
};
const floats = (length: number): Float64Array => new Float64Array(length);
const ints = (length: number): Int32Array => new Int32Array(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length);

const TOUCHED = 1;
const SINCE_PEAK = 2;

/** So many samples, then they are taken half as often. */
const SAMPLES_A_STEP = 1_000_000;

export const heaptrackValues = [
  { name: "allocations", unit: "count" },
  { name: "allocated", unit: "bytes" },
  { name: "leaked", unit: "bytes" },
  { name: "peak", unit: "bytes" },
  { name: "temporary", unit: "count" },
  { name: "leaked blocks", unit: "count" },
] as const;

const columnNames = ["allocations", "allocated", "leaked", "temporary", "peak", "blocks"] as const;

/**
 * What every place of allocation has cost so far, as heaptrack_print works it out: `peak` is what of the moment when
 * most memory was in use (the first such moment) came from there; a deallocation right after its allocation is temporary.
 */
export class HeaptrackCosts {
  /** By number of an allocation's kind: its size, and its place. */
  infoSize = floats(1024);
  infoPlace = ints(1024);
  infos = 0;
  readonly #placeOfTrace = new Map<number, number>();
  readonly #traceOfPlace: number[] = [];
  #columns = {
    allocations: floats(256),
    allocated: floats(256),
    leaked: floats(256),
    temporary: floats(256),
    peak: floats(256),
    blocks: floats(256),
  };
  /** What of the columns is in samples already. */
  #written = {
    allocations: floats(256),
    allocated: floats(256),
    leaked: floats(256),
    temporary: floats(256),
    peak: floats(256),
    blocks: floats(256),
  };
  /** Places that changed since the last sample, and since the last peak. */
  #touched = ints(256);
  /** By place: TOUCHED, SINCE_PEAK, or both. */
  #flags = bytes(256);
  #touches = 0;
  #sincePeak = ints(256);
  #sincePeaks = 0;
  total = 0;
  peak = 0;
  allocations = 0;
  temporaries = 0;
  /** As heaptrack has it: 0 after a deallocation, though 0 is also a number of a kind. */
  #last = 0;
  #samplesAfter = SAMPLES_A_STEP;
  #every = 1;
  #ticks = 0;

  info(size: number, trace: number): number {
    const index = this.infos++;
    this.infoSize = grown(this.infoSize, floats, this.infos);
    this.infoPlace = grown(this.infoPlace, ints, this.infos);
    this.infoSize[index] = size;
    this.infoPlace[index] = this.#placeOf(trace);
    return index;
  }

  #placeOf(trace: number): number {
    const known = this.#placeOfTrace.get(trace);
    if (known !== undefined) return known;
    const place = this.#traceOfPlace.push(trace) - 1;
    this.#placeOfTrace.set(trace, place);
    for (const columns of [this.#columns, this.#written]) {
      for (const key of columnNames) columns[key] = grown(columns[key], floats, place + 1);
    }
    this.#touched = grown(this.#touched, ints, place + 1);
    this.#flags = grown(this.#flags, bytes, place + 1);
    this.#sincePeak = grown(this.#sincePeak, ints, place + 1);
    return place;
  }

  #touch(place: number): void {
    const flags = this.#flags[place] as number;
    if (flags === (TOUCHED | SINCE_PEAK)) return;
    if ((flags & TOUCHED) === 0) this.#touched[this.#touches++] = place;
    if ((flags & SINCE_PEAK) === 0) this.#sincePeak[this.#sincePeaks++] = place;
    this.#flags[place] = TOUCHED | SINCE_PEAK;
  }

  allocate(info: number): void {
    const size = this.infoSize[info] as number;
    const place = this.infoPlace[info] as number;
    const { allocations, allocated, leaked, blocks } = this.#columns;
    blocks[place] = (blocks[place] as number) + 1;
    allocations[place] = (allocations[place] as number) + 1;
    allocated[place] = (allocated[place] as number) + size;
    leaked[place] = (leaked[place] as number) + size;
    this.#touch(place);
    this.#last = info;
    this.allocations++;
    this.total += size;
    if (this.total > this.peak) this.#newPeak();
  }

  #newPeak(): void {
    this.peak = this.total;
    const { peak, leaked } = this.#columns;
    for (let i = 0; i < this.#sincePeaks; i++) {
      const place = this.#sincePeak[i] as number;
      peak[place] = leaked[place] as number;
      this.#flags[place] = (this.#flags[place] as number) & TOUCHED;
    }
    this.#sincePeaks = 0;
  }

  free(info: number, isTemporary = this.#last === info): void {
    const size = this.infoSize[info] as number;
    const place = this.infoPlace[info] as number;
    const { leaked, temporary, blocks } = this.#columns;
    blocks[place] = (blocks[place] as number) - 1;
    leaked[place] = (leaked[place] as number) - size;
    if (isTemporary) {
      temporary[place] = (temporary[place] as number) + 1;
      this.temporaries++;
    }
    this.#last = 0;
    this.total -= size;
    this.#touch(place);
  }

  /** Writes what has changed since as samples of this time: the sums of all samples of a stack are its costs. */
  sample(
    out: ProfileBuilder,
    series: SeriesBuilder,
    timeNs: number,
    stacks: (trace: number) => number,
    isLast: boolean,
  ): void {
    if (!isLast && ++this.#ticks % this.#every !== 0) return;
    if (series.length > this.#samplesAfter) {
      this.#samplesAfter += SAMPLES_A_STEP;
      this.#every *= 2;
    }
    const { allocations, allocated, leaked, temporary, peak, blocks } = this.#columns;
    const written = this.#written;
    if (isLast) {
      // Peaks that were only known later.
      for (let place = 0; place < this.#traceOfPlace.length; place++)
        if (peak[place] !== written.peak[place] && ((this.#flags[place] as number) & TOUCHED) === 0) {
          this.#flags[place] = (this.#flags[place] as number) | TOUCHED;
          this.#touched[this.#touches++] = place;
        }
    }
    const values = [0, 0, 0, 0, 0, 0];
    const places = this.#touched.subarray(0, this.#touches).sort();
    for (const place of places) {
      this.#flags[place] = (this.#flags[place] as number) & SINCE_PEAK;
      values[0] = (allocations[place] as number) - (written.allocations[place] as number);
      values[1] = (allocated[place] as number) - (written.allocated[place] as number);
      values[2] = (leaked[place] as number) - (written.leaked[place] as number);
      values[3] = (peak[place] as number) - (written.peak[place] as number);
      values[4] = (temporary[place] as number) - (written.temporary[place] as number);
      values[5] = (blocks[place] as number) - (written.blocks[place] as number);
      written.blocks[place] = blocks[place] as number;
      written.allocations[place] = allocations[place] as number;
      written.allocated[place] = allocated[place] as number;
      written.leaked[place] = leaked[place] as number;
      written.peak[place] = peak[place] as number;
      written.temporary[place] = temporary[place] as number;
      series.addValues(out.seen(timeNs), NONE, stacks(this.#traceOfPlace[place] as number), values);
    }
    this.#touches = 0;
  }
}
