import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import type { ImportLimits } from "../importer.ts";
import { BpftraceKeys } from "./bpftrace-key.ts";

interface PrintedMap {
  readonly series: SeriesBuilder;
  /** How often it was printed so far. */
  prints: number;
  isInPrint: boolean;
}

/** Maps of bpftrace as series: one each, and a sample an entry. Printed again and again, each print has a number. */
export class BpftraceMaps {
  readonly #out: ProfileBuilder;
  readonly #limits: ImportLimits;
  readonly #keys: BpftraceKeys;
  readonly #maps = new Map<string, PrintedMap>();
  #timeNs = -1;
  #lastSeconds = -1;
  #days = 0;
  #samples = 0;

  constructor(out: ProfileBuilder, limits: ImportLimits) {
    this.#out = out;
    this.#limits = limits;
    this.#keys = new BpftraceKeys(out, limits.maxStackDepth);
  }

  /** What `time()` printed in front of the maps: seconds of the day. */
  time(seconds: number, nanos: number): void {
    if (seconds < this.#lastSeconds) this.#days++;
    this.#lastSeconds = seconds;
    this.#timeNs = this.#out.seen(this.#out.relativeTime(this.#days * 86_400 + seconds, nanos));
    this.blank();
  }

  /** The end of one print. */
  blank(): void {
    for (const map of this.#maps.values()) map.isInPrint = false;
  }

  number(map: string, key: string | null, value: number): void {
    this.#add(map, key, [value]);
  }

  /** "42", "count 5, average 20, total 100"; false for what is no number: a text, a tuple. */
  text(map: string, key: string | null, text: string): boolean {
    const stats = /^count (\d+), average (-?\d+), total (-?\d+)$/.exec(text);
    if (stats) this.stats(map, key, Number(stats[3]), Number(stats[1]));
    else if (/^-?\d{1,20}$/.test(text)) this.number(map, key, Number(text));
    else return false;
    return true;
  }

  stats(map: string, key: string | null, total: number, count: number): void {
    this.#add(map, key, [total, count], "stats");
  }

  bucket(map: string, key: string | null, range: string, count: number): void {
    if (count !== 0) this.#add(map, key, [count], "histogram", range);
  }

  finish(): void {
    for (const [name, { prints, series }] of this.#maps)
      if (prints > 1 && series.time === null)
        this.#out.note(
          `${name} was printed ${prints} times; its values are added up, which is right where the script clears it ` +
            "after each print. The label print tells them apart.",
        );
  }

  #add(
    name: string,
    key: string | null,
    values: readonly number[],
    form: "value" | "stats" | "histogram" = "value",
    range = "",
  ): void {
    const out = this.#out;
    if (++this.#samples > this.#limits.maxSamples) {
      out.note(`Only the first ${this.#limits.maxSamples} entries were read.`);
      return;
    }
    const map = this.#map(name, form);
    if (!map.isInPrint) {
      map.isInPrint = true;
      map.prints++;
    }
    const { stack, scalars } = key === null ? { stack: NONE, scalars: [] } : this.#keys.read(key);
    const own = stack === NONE ? this.#keys.named(scalars) : stack;
    const labels = [];
    if (stack !== NONE)
      for (const [i, text] of scalars.entries())
        labels.push({
          key: out.string(scalars.length === 1 ? "key" : `key ${i + 1}`),
          ...labelValue(out, text),
        });
    if (range !== "") labels.push({ key: out.string("bucket"), text: out.string(range) });
    if (map.prints > 1) labels.push({ key: out.string("print"), number: map.prints });
    map.series.addValues(
      Math.max(this.#timeNs, 0),
      NONE,
      range === "" ? own : this.#keys.below(own, range),
      values,
      out.labelSet(labels),
    );
  }

  #map(name: string, form: "value" | "stats" | "histogram"): PrintedMap {
    // A name may hold a number first and statistics after: then it is another series.
    const id = form === "value" ? name : `${name} ${form}`;
    const known = this.#maps.get(id);
    if (known) return known;
    const unit = form === "histogram" ? "count" : unitOf(name);
    const value = { name: form === "stats" ? "total" : unit === "count" ? "count" : "value", unit };
    const series = this.#out.series({
      id,
      kind: "other",
      timed: this.#timeNs >= 0,
      values: form === "stats" ? [value, { name: "count", unit: "count" }] : [value],
    });
    const map = { series, prints: 0, isInPrint: false };
    this.#maps.set(id, map);
    return map;
  }
}

/** bpftrace does not say what a number is, but people say it in the map's name. */
function unitOf(name: string): string {
  if (/(^|_|@)(ns|nsecs?)$|_ns_/.test(name)) return "nanoseconds";
  if (/(^|_|@)(us|usecs?)$/.test(name)) return "microseconds";
  if (/(^|_|@)(ms|msecs?)$/.test(name)) return "milliseconds";
  return /(^|_|@)bytes$/.test(name) ? "bytes" : "count";
}

const labelValue = (out: ProfileBuilder, text: string) =>
  /^-?\d{1,15}$/.test(text) ? { number: Number(text) } : { text: out.string(text) };
