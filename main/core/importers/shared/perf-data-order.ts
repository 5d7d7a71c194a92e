import { EndianReader } from "../../bytes/endian.ts";
import { float64 } from "../../model/growable.ts";
import { type RecordVisitor, record } from "./perf-data-records.ts";

/** Records from here on are perf's own: they have no time, and mean what follows them. */
const FIRST_OWN = 64;
/** Without marks of rounds, as of tools that are not perf, no more than this waits. */
const MAX_WAITING_BYTES = 1 << 26;

/** ns on the recording's clock; 0 for a record that has none. */
export type TimeOf = (reader: EndianReader, type: number, at: number, end: number) => number;

/**
 * Puts records in the order of their times. perf writes what each processor saw, one after the other, and then a mark of
 * the round: what comes later can only be newer than the newest of the round before. As perf's own ordered_events does it.
 */
export class OrderedRecords implements RecordVisitor {
  readonly #inner: RecordVisitor;
  readonly #timeOf: TimeOf;
  /** Records that wait, where they lie one behind the other. */
  #bytes = new Uint8Array(1 << 16);
  #reader: EndianReader | null = null;
  #used = 0;
  #starts = float64();
  #times = float64();
  #newest = 0;
  #newestBefore = 0;

  constructor(inner: RecordVisitor, timeOf: TimeOf) {
    this.#inner = inner;
    this.#timeOf = timeOf;
  }

  tracing(bytes: Uint8Array): void {
    this.#inner.tracing?.(bytes);
  }

  record(reader: EndianReader, type: number, misc: number, at: number, end: number): void {
    if (type === record.finishedRound) {
      this.#flush(this.#newestBefore);
      this.#newestBefore = this.#newest;
      return;
    }
    const time = type >= FIRST_OWN ? 0 : this.#timeOf(reader, type, at, end);
    if (time === 0) {
      this.#inner.record(reader, type, misc, at, end);
      return;
    }
    if (time > this.#newest) this.#newest = time;
    this.#keep(reader, at, end, time);
    if (this.#used > MAX_WAITING_BYTES) this.flush();
  }

  /** Everything that waits: after the last record, or when nothing has come for so long that nothing older can. */
  flush(): void {
    this.#flush(Number.POSITIVE_INFINITY);
    this.#newestBefore = this.#newest;
  }

  #keep(reader: EndianReader, at: number, end: number, time: number): void {
    const size = end - at;
    while (this.#used + size > this.#bytes.length) {
      const next = new Uint8Array(this.#bytes.length * 2);
      next.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = next;
      this.#reader = null;
    }
    if (this.#reader === null || this.#reader.isLittle !== reader.isLittle)
      this.#reader = new EndianReader(this.#bytes, reader.isLittle);
    this.#bytes.set(reader.bytes.subarray(at, end), this.#used);
    this.#starts.push(this.#used);
    this.#times.push(time);
    this.#used += size;
  }

  #flush(limit: number): void {
    const reader = this.#reader;
    const times = this.#times.view();
    if (reader === null || times.length === 0) return;
    const ready: number[] = [];
    for (let row = 0; row < times.length; row++) if ((times[row] as number) <= limit) ready.push(row);
    ready.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    for (const row of ready) {
      const at = this.#starts.at(row);
      // The record says its own size, as it did where it came from.
      const end = row + 1 < times.length ? this.#starts.at(row + 1) : this.#used;
      this.#inner.record(reader, reader.u32(at), reader.u16(at + 4), at, end);
    }
    this.#keepAfter(limit, ready.length === times.length);
  }

  #keepAfter(limit: number, isEmpty: boolean): void {
    const starts = this.#starts;
    const times = this.#times;
    this.#starts = float64();
    this.#times = float64();
    const used = this.#used;
    this.#used = 0;
    if (isEmpty) return;
    for (let row = 0; row < times.length; row++) {
      if (times.at(row) <= limit) continue;
      const end = row + 1 < times.length ? starts.at(row + 1) : used;
      this.#bytes.copyWithin(this.#used, starts.at(row), end);
      this.#starts.push(this.#used);
      this.#times.push(times.at(row));
      this.#used += end - starts.at(row);
    }
  }
}
