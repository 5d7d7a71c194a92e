import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext } from "../importer.ts";
import { ChromeCpuProfiles } from "./chrome-cpu-profiles.ts";
import { ThreadSlices } from "./slices.ts";

/** An event of a thread's calls, kept until all are known: they come in any order. */
interface CallEvent {
  readonly kind: "begin" | "end" | "complete";
  readonly us: number;
  readonly durationUs: number;
  /** NONE for an end without a name. */
  readonly frame: number;
  readonly category: number;
  readonly args: number;
}

interface OpenAsync {
  readonly us: number;
  readonly name: string;
  readonly category: string;
  readonly thread: number;
  readonly args: number;
}

interface Interval {
  readonly us: number;
  readonly endUs: number;
  readonly name: string;
  readonly category: string;
  readonly thread: number;
  readonly args: number;
}

interface CounterPoint {
  readonly us: number;
  readonly id: string;
  readonly name: string;
  readonly value: number;
}

const numberOf = (value: JsonValue | undefined): number =>
  typeof value === "string" && value.trim() !== "" ? Number(value) : jsonNumber(value);

const idOf = (value: JsonValue | undefined): number => {
  const number = numberOf(value);
  return Number.isInteger(number) && Math.abs(number) < 2 ** 31 ? number : NONE;
};

/** All events of a trace. Microseconds are those of the file; ns from the earliest of them. */
export class ChromeEvents {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #calls = new Map<number, CallEvent[]>();
  readonly #async = new Map<string, OpenAsync[]>();
  readonly #flows = new Map<string, OpenAsync>();
  readonly #intervals: Interval[] = [];
  readonly #counters: CounterPoint[] = [];
  readonly #profiles: ChromeCpuProfiles;
  #count = 0;
  #startUs = Number.POSITIVE_INFINITY;
  #unread = 0;
  #unbalanced = 0;
  #tooDeep = 0;
  #overlapping = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#profiles = new ChromeCpuProfiles(out, context);
  }

  /** The time of the earliest event, or of what a caller has seen beside them. */
  seen(us: number): void {
    if (us < this.#startUs) this.#startUs = us;
  }

  /** ns from the start of the trace. */
  ns(us: number): number {
    return Math.max(0, (us - this.#startUs) * 1000);
  }

  thread(pid: JsonValue | undefined, tid: JsonValue | undefined, name = ""): number {
    return this.#out.thread(this.#out.process(idOf(pid)), idOf(tid), name);
  }

  add(event: JsonObject): void {
    const phase = jsonText(event.ph);
    if (phase === "M") {
      this.#metadata(event);
      return;
    }
    if (this.#count >= this.#context.limits.maxSamples) {
      this.#out.note(`Only the first ${this.#count} events were read.`);
      return;
    }
    this.#count++;
    const us = numberOf(event.ts);
    if (phase === "" || !Number.isFinite(us)) {
      this.#unread++;
      return;
    }
    this.seen(us);
    if (this.#profiles.take(event, us, (pid, tid) => this.thread(pid, tid))) return;
    switch (phase) {
      case "X":
        this.#call(event, "complete", us);
        break;
      case "B":
        this.#call(event, "begin", us);
        break;
      case "E":
        this.#call(event, "end", us);
        break;
      case "b":
      case "S":
        this.#beginAsync(event, us);
        break;
      case "e":
      case "F":
        this.#endAsync(event, us);
        break;
      case "C":
        this.#counter(event, us);
        break;
      case "s":
        this.#flows.set(asyncKey(event), this.#open(event, us));
        break;
      case "f": {
        const key = asyncKey(event);
        const begun = this.#flows.get(key);
        this.#flows.delete(key);
        this.#intervals.push({ ...(begun ?? this.#open(event, us)), endUs: us });
        break;
      }
      case "i":
      case "I":
      case "R":
      case "n":
      case "t":
      case "T":
      case "p":
      case "N":
      case "O":
      case "D":
      case "P":
      case "c":
      case "v":
      case "V":
        this.#intervals.push({ ...this.#open(event, us), endUs: us });
        break;
      default:
        this.#unread++;
    }
  }

  /** Everything is known: calls are put into order, times get their zero. */
  finish(rest: JsonObject): void {
    const out = this.#out;
    for (const sample of Array.isArray(rest.samples) ? rest.samples : [])
      this.seen(numberOf(jsonObject(sample).ts));
    this.seen(this.#profiles.startUs);
    if (Number.isFinite(this.#startUs)) {
      const seconds = Math.floor(this.#startUs / 1e6);
      out.meta({ originSeconds: seconds, originNanos: Math.round((this.#startUs - seconds * 1e6) * 1000) });
    } else this.#startUs = 0;
    for (const [thread, events] of this.#calls) this.#threadCalls(thread, events);
    for (const open of this.#async.values())
      for (const each of open) this.#intervals.push({ ...each, endUs: Number.NaN });
    for (const each of this.#flows.values()) this.#intervals.push({ ...each, endUs: Number.NaN });
    for (const { us, endUs, name, category, thread, args } of this.#intervals)
      out.interval({
        start: this.ns(us),
        end: Number.isNaN(endUs) ? Number.NaN : Math.max(this.ns(us), this.ns(endUs)),
        thread,
        category: out.string(category),
        name: out.string(name),
        args,
      });
    this.#counters.sort((a, b) => a.us - b.us);
    for (const { us, id, name, value } of this.#counters) out.counter(id, name, "count", this.ns(us), value);
    this.#profiles.finish((us) => this.ns(us));
    if (this.#unread > 0) out.note(`${this.#unread} events could not be read.`);
    if (this.#unbalanced > 0)
      out.note(`${this.#unbalanced} calls do not begin and end in pairs; what can be told of them was kept.`);
    if (this.#overlapping > 0)
      out.note(`${this.#overlapping} calls end after the call that they are in; they were ended with it.`);
    if (this.#tooDeep > 0) out.note(`${this.#tooDeep} calls were too deep and were left out.`);
  }

  #metadata(event: JsonObject): void {
    const args = jsonObject(event.args);
    const name = jsonText(args.name);
    if (event.name === "process_name") this.#out.process(idOf(event.pid), name);
    else if (event.name === "thread_name") this.thread(event.pid, event.tid, name);
  }

  #call(event: JsonObject, kind: CallEvent["kind"], us: number): void {
    const thread = this.thread(event.pid, event.tid);
    const name = jsonText(event.name);
    const out = this.#out;
    const isNamed = name !== "" || kind !== "end";
    const call: CallEvent = {
      kind,
      us,
      durationUs: Math.max(0, numberOf(event.dur) || 0),
      frame: isNamed
        ? out.frame({ function: out.function({ name: out.string(name || "(anonymous)") }) })
        : NONE,
      category: out.string(jsonText(event.cat)),
      args: this.#args(event),
    };
    const list = this.#calls.get(thread);
    if (list) list.push(call);
    else this.#calls.set(thread, [call]);
  }

  #args({ args }: JsonObject): number {
    if (!isJsonObject(args)) return NONE;
    for (const key in args) if (key !== "") return this.#out.string(JSON.stringify(args));
    return NONE;
  }

  #open(event: JsonObject, us: number): OpenAsync {
    return {
      us,
      name: jsonText(event.name),
      category: jsonText(event.cat),
      thread: this.thread(event.pid, event.tid),
      args: this.#args(event),
    };
  }

  #beginAsync(event: JsonObject, us: number): void {
    const key = asyncKey(event);
    const list = this.#async.get(key);
    const open = this.#open(event, us);
    if (list) list.push(open);
    else this.#async.set(key, [open]);
  }

  #endAsync(event: JsonObject, us: number): void {
    const begun = this.#async.get(asyncKey(event))?.pop();
    if (begun) this.#intervals.push({ ...begun, endUs: us });
    else this.#unbalanced++;
  }

  #counter(event: JsonObject, us: number): void {
    const name = jsonText(event.name);
    const id = event.id === undefined ? "" : ` ${String(event.id)}`;
    for (const [key, value] of Object.entries(jsonObject(event.args))) {
      const number = numberOf(value);
      if (!Number.isFinite(number)) continue;
      const title = key === "value" || key === name ? `${name}${id}` : `${name}${id} ${key}`;
      this.#counters.push({ us, id: `${String(event.pid ?? "")} ${title}`, name: title, value: number });
    }
  }

  /** In order of time; of those that begin together the longer first, else as in the file. */
  #threadCalls(thread: number, events: CallEvent[]): void {
    const out = this.#out;
    const ordered = events.map((event, place) => ({ event, place }));
    ordered.sort((a, b) => {
      if (a.event.us !== b.event.us) return a.event.us - b.event.us;
      const areComplete = a.event.kind === "complete" && b.event.kind === "complete";
      return (areComplete ? b.event.durationUs - a.event.durationUs : 0) || a.place - b.place;
    });
    const series = out.series({
      id: "events",
      name: "Trace events",
      kind: "wall",
      timed: true,
      values: [{ name: "time", unit: "nanoseconds" }],
    });
    const names = { category: out.string(""), nameOf: (frame: number) => out.frameName(frame) };
    const slices = new ThreadSlices(out, series, thread, names, this.#context.limits.maxStackDepth);
    /** Ends of complete events that are open, innermost last. */
    const ends: { readonly us: number; readonly frame: number; readonly depth: number }[] = [];
    const endUntil = (us: number): void => {
      for (let last = ends.at(-1); last && last.us <= us; last = ends.at(-1)) {
        ends.pop();
        if (slices.depth >= last.depth) slices.end(this.ns(last.us), last.frame);
      }
    };
    for (const { event } of ordered) {
      endUntil(event.us);
      if (event.kind === "end") slices.end(this.ns(event.us), event.frame);
      else {
        slices.begin(this.ns(event.us), event.frame, event.args, event.category);
        if (event.kind === "complete") {
          const outer = ends.at(-1)?.us ?? Number.POSITIVE_INFINITY;
          const endUs = event.us + event.durationUs;
          // A tenth of a nanosecond is rounding, not overlap.
          if (endUs > outer + 1e-4) this.#overlapping++;
          ends.push({ us: Math.min(endUs, outer), frame: event.frame, depth: slices.depth });
          if (event.durationUs === 0) endUntil(event.us);
        }
      }
    }
    endUntil(Number.POSITIVE_INFINITY);
    if (slices.depth > 0) slices.finish();
    this.#unbalanced += slices.unbalanced;
    this.#tooDeep += slices.tooDeep;
  }
}

/** Asynchronous events belong together by category and number, within a process unless the number is global. */
function asyncKey(event: JsonObject): string {
  const id2 = jsonObject(event.id2);
  const id = event.id ?? id2.local ?? id2.global ?? event.bind_id ?? "";
  const scope = id2.global === undefined ? String(event.pid ?? "") : "";
  return `${scope}\0${jsonText(event.cat)}\0${jsonText(event.scope)}\0${String(id)}`;
}
