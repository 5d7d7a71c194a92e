import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonAgain,
  jsonArray,
  jsonKey,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext } from "../importer.ts";
import { ChromeCalls, ChromeCounters, ChromeIntervals, callKinds } from "./chrome-calls.ts";
import { ChromeCpuProfiles } from "./chrome-cpu-profiles.ts";
import { inlineSourceMap } from "./source-map.ts";

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
  readonly #calls: ChromeCalls;
  /** Rows of intervals that are open, the newest last. */
  readonly #async = new Map<string, number[]>();
  readonly #flows = new Map<string, number>();
  readonly #intervals = new ChromeIntervals();
  readonly #counters = new ChromeCounters();
  readonly #frames = new Map<string, number>();
  readonly #profiles: ChromeCpuProfiles;
  #count = 0;
  #startUs = Number.POSITIVE_INFINITY;
  #unread = 0;
  #unbalanced = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#calls = new ChromeCalls(out);
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
    if (event.name === "ScriptCatchup") this.#script(jsonObject(jsonObject(event.args).data));
    switch (phase) {
      case "X":
        this.#call(event, callKinds.complete, us);
        break;
      case "B":
        this.#call(event, callKinds.begin, us);
        break;
      case "E":
        this.#call(event, callKinds.end, us);
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
        const begun = this.#flows.get(key) ?? this.#open(event, us);
        this.#flows.delete(key);
        this.#intervals.end(begun, us);
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
        this.#intervals.end(this.#open(event, us), us);
        break;
      default:
        this.#unread++;
    }
  }

  /** What a trace says of each script that there is: its source map may stand in it. */
  #script({ url, sourceMapUrl }: JsonObject): void {
    const map = inlineSourceMap(jsonText(sourceMapUrl));
    if (map) this.#profiles.addSourceMap(jsonText(url), map);
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
    // As DevTools saves them with a trace.
    for (const value of jsonArray(jsonObject(rest.metadata).sourceMaps)) {
      const { url, sourceMap } = jsonObject(value);
      if (sourceMap !== undefined) this.#profiles.addSourceMap(jsonText(url), sourceMap);
    }
    const ns = (us: number): number => this.ns(us);
    const calls = this.#calls;
    calls.finish(ns, this.#context.limits.maxStackDepth);
    this.#intervals.finish(out, ns);
    this.#counters.finish(out, ns);
    this.#profiles.finish(ns);
    if (this.#unread > 0) out.note(`${this.#unread} events could not be read.`);
    const unbalanced = this.#unbalanced + calls.unbalanced;
    if (unbalanced > 0)
      out.note(`${unbalanced} calls do not begin and end in pairs; what can be told of them was kept.`);
    if (calls.overlapping > 0)
      out.note(`${calls.overlapping} calls end after the call that they are in; they were ended with it.`);
    if (calls.tooDeep > 0) out.note(`${calls.tooDeep} calls were too deep and were left out.`);
  }

  #metadata(event: JsonObject): void {
    const args = jsonObject(event.args);
    const name = jsonText(args.name);
    if (event.name === "process_name") this.#out.process(idOf(event.pid), name);
    else if (event.name === "thread_name") this.thread(event.pid, event.tid, name);
  }

  #call(event: JsonObject, kind: number, us: number): void {
    const name = jsonText(event.name);
    const isNamed = name !== "" || kind !== callKinds.end;
    this.#calls.add(
      kind,
      us,
      Math.max(0, numberOf(event.dur) || 0),
      isNamed ? this.#frame(name || "(anonymous)", event.args) : NONE,
      this.#out.string(jsonText(event.cat)),
      this.#args(event),
      this.thread(event.pid, event.tid),
    );
  }

  /** Hermes says of each call where its function is; the line within it differs from begin to end, and is in the arguments. */
  #frame(name: string, args: JsonValue | undefined): number {
    const isPlaced =
      isJsonObject(args) && typeof args.url === "string" && args.allocatedCategory !== undefined;
    const file = isPlaced ? jsonText(args.url) : "";
    const line = isPlaced ? numberOf(args.funcLine) : Number.NaN;
    const key = file === "" ? name : `${name}\0${file}\0${line}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      const out = this.#out;
      const startLine = Number.isInteger(line) && line > 0 && line < 2 ** 31 ? line : NONE;
      const func = out.function({
        name: out.string(name),
        ...(file !== "" && { file: out.string(file), kind: "node", line: startLine }),
      });
      frame = out.frame({ function: func, line: startLine });
      this.#frames.set(key, frame);
    }
    return frame;
  }

  #args({ args }: JsonObject): number {
    if (!isJsonObject(args)) return NONE;
    for (const key in args)
      if (key !== "") {
        const text = jsonAgain(args);
        if (text === "") this.#out.note("Arguments of events that are nested too deeply were left out.");
        return text === "" ? NONE : this.#out.string(text);
      }
    return NONE;
  }

  /** Row of an interval that has not ended. */
  #open(event: JsonObject, us: number): number {
    const out = this.#out;
    return this.#intervals.open(
      us,
      out.string(jsonText(event.name)),
      out.string(jsonText(event.cat)),
      this.thread(event.pid, event.tid),
      this.#args(event),
    );
  }

  #beginAsync(event: JsonObject, us: number): void {
    const key = asyncKey(event);
    const list = this.#async.get(key);
    const open = this.#open(event, us);
    if (list) list.push(open);
    else this.#async.set(key, [open]);
  }

  #endAsync(event: JsonObject, us: number): void {
    const key = asyncKey(event);
    const list = this.#async.get(key);
    const begun = list?.pop();
    if (begun === undefined) {
      this.#unbalanced++;
      return;
    }
    if (list?.length === 0) this.#async.delete(key);
    this.#intervals.end(begun, us);
  }

  #counter(event: JsonObject, us: number): void {
    const name = jsonText(event.name);
    const id = event.id === undefined ? "" : ` ${jsonKey(event.id)}`;
    for (const [key, value] of Object.entries(jsonObject(event.args))) {
      const number = numberOf(value);
      if (!Number.isFinite(number)) continue;
      const title = key === "value" || key === name ? `${name}${id}` : `${name}${id} ${key}`;
      this.#counters.add(us, `${jsonKey(event.pid)} ${title}`, title, number);
    }
  }
}

/** Asynchronous events belong together by category and number, within a process unless the number is global. */
function asyncKey(event: JsonObject): string {
  const id2 = jsonObject(event.id2);
  const id = event.id ?? id2.local ?? id2.global ?? event.bind_id ?? "";
  const scope = id2.global === undefined ? jsonKey(event.pid) : "";
  return `${scope}\0${jsonText(event.cat)}\0${jsonText(event.scope)}\0${jsonKey(id)}`;
}
