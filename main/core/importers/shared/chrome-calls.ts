import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32, uint8 } from "../../model/growable.ts";
import { ThreadSlices } from "./slices.ts";

export const callKinds = { begin: 0, end: 1, complete: 2 } as const;
const { end: END, complete: COMPLETE } = callKinds;

/** Begins and ends of calls, kept in columns until all are known: they come in any order. */
export class ChromeCalls {
  readonly #out: ProfileBuilder;
  readonly #kind = uint8();
  readonly #us = float64();
  readonly #durationUs = float64();
  /** NONE for an end without a name. */
  readonly #frame = int32();
  readonly #category = int32();
  readonly #args = int32();
  readonly #thread = int32();
  unbalanced = 0;
  tooDeep = 0;
  overlapping = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  add(
    kind: number,
    us: number,
    durationUs: number,
    frame: number,
    category: number,
    args: number,
    thread: number,
  ): void {
    this.#kind.push(kind);
    this.#us.push(us);
    this.#durationUs.push(durationUs);
    this.#frame.push(frame);
    this.#category.push(category);
    this.#args.push(args);
    this.#thread.push(thread);
  }

  finish(ns: (us: number) => number, maxDepth: number): void {
    const threads = this.#thread.view();
    /** Threads in the order in which they were first seen. */
    const places = new Map<number, number>();
    for (const thread of threads) if (!places.has(thread)) places.set(thread, places.size);
    const first = new Int32Array(places.size + 1);
    for (const thread of threads) {
      const next = (places.get(thread) as number) + 1;
      first[next] = (first[next] as number) + 1;
    }
    for (let i = 0; i < places.size; i++) first[i + 1] = (first[i + 1] as number) + (first[i] as number);
    const fill = first.slice(0, places.size);
    const rows = new Uint32Array(threads.length);
    for (let row = 0; row < threads.length; row++) {
      const place = places.get(threads[row] as number) as number;
      const at = fill[place] as number;
      rows[at] = row;
      fill[place] = at + 1;
    }
    for (const [thread, place] of places)
      this.#threadCalls(thread, rows.subarray(first[place], first[place + 1]), ns, maxDepth);
  }

  /** In order of time; of those that begin together the longer first, else as in the file. */
  #sort(rows: Uint32Array): void {
    const us = this.#us.view();
    const kind = this.#kind.view();
    const duration = this.#durationUs.view();
    const order = (a: number, b: number): number => {
      const apart = (us[a] as number) - (us[b] as number);
      if (apart !== 0) return apart;
      const areComplete = kind[a] === COMPLETE && kind[b] === COMPLETE;
      return (areComplete ? (duration[b] as number) - (duration[a] as number) : 0) || a - b;
    };
    for (let i = 1; i < rows.length; i++)
      if (order(rows[i - 1] as number, rows[i] as number) > 0) {
        rows.sort(order);
        return;
      }
  }

  #threadCalls(thread: number, rows: Uint32Array, ns: (us: number) => number, maxDepth: number): void {
    const out = this.#out;
    this.#sort(rows);
    const series = out.series({
      id: "events",
      name: "Trace events",
      kind: "trace",
      timed: true,
      values: [{ name: "time", unit: "nanoseconds" }],
    });
    const names = { category: out.string(""), nameOf: (frame: number) => out.frameName(frame) };
    const slices = new ThreadSlices(out, series, thread, names, maxDepth);
    /** Ends of complete events that are open, innermost last. */
    const ends: { readonly us: number; readonly frame: number; readonly depth: number }[] = [];
    const endUntil = (us: number): void => {
      for (let last = ends.at(-1); last && last.us <= us; last = ends.at(-1)) {
        ends.pop();
        if (slices.depth >= last.depth) slices.end(ns(last.us), last.frame);
      }
    };
    for (const row of rows) {
      const us = this.#us.at(row);
      const kind = this.#kind.at(row);
      const frame = this.#frame.at(row);
      endUntil(us);
      if (kind === END) {
        slices.end(ns(us), frame);
        continue;
      }
      slices.begin(ns(us), frame, this.#args.at(row), this.#category.at(row));
      if (kind !== COMPLETE) continue;
      const durationUs = this.#durationUs.at(row);
      const outer = ends.at(-1)?.us ?? Number.POSITIVE_INFINITY;
      const endUs = us + durationUs;
      // A tenth of a nanosecond is rounding, not overlap.
      if (endUs > outer + 1e-4) this.overlapping++;
      ends.push({ us: Math.min(endUs, outer), frame, depth: slices.depth });
      if (durationUs === 0) endUntil(us);
    }
    endUntil(Number.POSITIVE_INFINITY);
    if (slices.depth > 0) slices.finish();
    this.unbalanced += slices.unbalanced;
    this.tooDeep += slices.tooDeep;
  }
}

/** What is neither a call nor a counter: asynchronous work, flows, marks. Times are those of the file. */
export class ChromeIntervals {
  readonly #us = float64();
  readonly #endUs = float64();
  readonly #name = int32();
  readonly #category = int32();
  readonly #thread = int32();
  readonly #args = int32();

  /** One that has not ended; gives its row. */
  open(us: number, name: number, category: number, thread: number, args: number): number {
    this.#us.push(us);
    this.#endUs.push(Number.NaN);
    this.#name.push(name);
    this.#category.push(category);
    this.#thread.push(thread);
    return this.#args.push(args);
  }

  end(row: number, us: number): void {
    this.#endUs.set(row, us);
  }

  finish(out: ProfileBuilder, ns: (us: number) => number): void {
    for (let row = 0; row < this.#us.length; row++) {
      const start = ns(this.#us.at(row));
      const endUs = this.#endUs.at(row);
      out.interval({
        start,
        end: Number.isNaN(endUs) ? Number.NaN : Math.max(start, ns(endUs)),
        thread: this.#thread.at(row),
        category: this.#category.at(row),
        name: this.#name.at(row),
        args: this.#args.at(row),
      });
    }
  }
}

/** Counters in columns until the start of the trace is known. */
export class ChromeCounters {
  readonly #us = float64();
  readonly #value = float64();
  readonly #which = int32();
  readonly #ids: string[] = [];
  readonly #names: string[] = [];
  readonly #known = new Map<string, number>();

  add(us: number, id: string, name: string, value: number): void {
    let which = this.#known.get(id) ?? NONE;
    if (which === NONE) {
      which = this.#ids.length;
      this.#known.set(id, which);
      this.#ids.push(id);
      this.#names.push(name);
    }
    this.#us.push(us);
    this.#which.push(which);
    this.#value.push(value);
  }

  finish(out: ProfileBuilder, ns: (us: number) => number): void {
    const us = this.#us.view();
    const rows = Uint32Array.from(us, (_, i) => i);
    rows.sort((a, b) => (us[a] as number) - (us[b] as number) || a - b);
    for (const row of rows) {
      const which = this.#which.at(row);
      const name = this.#names[which] ?? "";
      out.counter(this.#ids[which] ?? "", name, "count", ns(us[row] as number), this.#value.at(row));
    }
  }
}
