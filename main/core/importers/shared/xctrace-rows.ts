import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import type { SeriesKind } from "../../model/profile.ts";
import type { ImportLimits } from "../importer.ts";

/** An element that is open, with what its children were. */
interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** By element name; the first one counts. */
  readonly values: Map<string, number>;
  readonly frames: number[];
  line: number;
}

/** What an element stands for: an index or a number, by its kind; NaN for nothing. */
type Value = number;

const times = new Set(["sample-time", "event-time", "start-time", "time"]);
const stacks = new Set(["backtrace", "tagged-backtrace", "text-backtrace"]);
const weights: Readonly<Record<string, string>> = {
  weight: "nanoseconds",
  "cycle-weight": "cycles",
  "pmc-weight": "events",
  "size-in-bytes": "bytes",
};
const durations = new Set(["duration", "duration-on-core", "duration-waiting"]);

/** Rows of the tables of Instruments, element by element. */
export class XctraceRows {
  readonly #out: ProfileBuilder;
  readonly #limits: ImportLimits;
  readonly #open: Open[] = [];
  /** What was said once, by kind and id: a damaged reference never is to something of another kind. */
  readonly #known = new Map<string, Value>();
  readonly #series = new Map<string, SeriesBuilder>();
  #schema = "";
  #rows = 0;
  #inRow = 0;
  #empty = 0;
  #dangling = 0;

  constructor(out: ProfileBuilder, limits: ImportLimits) {
    this.#out = out;
    this.#limits = limits;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "row") this.#inRow++;
    if (name === "schema") this.#schema = attributes.name ?? "";
    this.#open.push({ name, attributes, values: new Map(), frames: [], line: NONE });
  }

  close(text: string): void {
    const element = this.#open.pop();
    if (!element) return;
    const { name, attributes } = element;
    if (name === "row") {
      this.#inRow--;
      this.#row(element);
      return;
    }
    if (this.#inRow === 0) return;
    const { id, ref } = attributes;
    let value: Value;
    if (ref !== undefined) {
      value = this.#known.get(`${name} ${ref}`) ?? Number.NaN;
      if (Number.isNaN(value) && !this.#known.has(`${name} ${ref}`)) this.#dangling++;
    } else {
      value = this.#value(element, text);
      if (id !== undefined) this.#known.set(`${name} ${id}`, value);
    }
    this.#give(name, value, element);
  }

  finish(): void {
    const out = this.#out;
    if (this.#empty > 0) out.note(`${this.#empty} rows have neither a time nor a stack: skipped.`);
    if (this.#dangling > 0) out.note(`${this.#dangling} references point at nothing.`);
  }

  /** Tells the element around it. */
  #give(name: string, value: Value, element: Open): void {
    const parent = this.#open.at(-1);
    if (!parent) return;
    if (name === "frame" && !Number.isNaN(value)) {
      if (parent.frames.length < this.#limits.maxStackDepth) parent.frames.push(value);
      else this.#out.note(`Stacks deeper than ${this.#limits.maxStackDepth} frames were cut.`);
    } else if (name === "source") {
      parent.values.set("file", value);
      parent.line = element.line >= 0 ? element.line : lineOf(element.attributes.line);
    } else if (!parent.values.has(name)) parent.values.set(name, value);
  }

  #value(element: Open, text: string): Value {
    const { name, attributes, values } = element;
    const out = this.#out;
    switch (name) {
      case "binary":
        return out.binary(attributes.path ?? attributes.name ?? "", attributes.UUID ?? "");
      case "frame":
        return this.#frame(element);
      case "source":
        return values.get("path") ?? Number.NaN;
      case "path":
        return out.string(text);
      case "process":
        return this.#process(element);
      case "thread":
        return this.#thread(element);
      case "backtrace":
      case "text-backtrace":
        return this.#stack(element, text);
      case "tagged-backtrace":
        return values.get("backtrace") ?? values.get("text-backtrace") ?? this.#stack(element, text);
      case "sentinel":
        return Number.NaN;
      default:
        // Of what is neither a number nor known, the words count: a state, a processor, a name.
        if (isNumeric(name)) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
        return out.string(attributes.fmt ?? text);
    }
  }

  #frame({ attributes, values, line }: Open): number {
    const out = this.#out;
    const address = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(attributes.addr ?? "")?.[1]?.padStart(16, "0");
    const binary = values.get("binary") ?? NONE;
    const file = values.get("file") ?? Number.NaN;
    const isKernel = Number(attributes.addr) >= 0xffff_0000_0000_0000;
    return out.frame({
      function: out.function({
        name: out.string(attributes.name || attributes.addr || "[unknown]"),
        binary: Number.isNaN(binary) ? NONE : binary,
        file: Number.isNaN(file) ? NONE : file,
        kind: isKernel ? "kernel" : "native",
      }),
      ...(address && {
        addressHigh: Number.parseInt(address.slice(0, 8), 16),
        addressLow: Number.parseInt(address.slice(8), 16),
      }),
      line,
    });
  }

  /** Frames from the innermost out; or, not symbolised, their addresses. */
  #stack({ frames }: Open, text: string): number {
    const out = this.#out;
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    if (frames.length > 0 || !/^(0x)?[0-9a-f]+(\s+(0x)?[0-9a-f]+)*$/i.test(text)) return stack;
    for (const addr of text.split(/\s+/).slice(0, this.#limits.maxStackDepth).reverse())
      stack = out.stack(
        stack,
        this.#frame({
          name: "frame",
          attributes: { addr, name: "[unknown]" },
          values: new Map(),
          frames: [],
          line: NONE,
        }),
      );
    return stack;
  }

  /** fmt="a.out (12345)" */
  #process({ attributes, values }: Open): number {
    const [, name = attributes.fmt ?? "", number] = /^(.*) \((\d{1,10})\)$/s.exec(attributes.fmt ?? "") ?? [];
    const pid = values.get("pid") ?? Number(number ?? Number.NaN);
    return this.#out.process(Number.isInteger(pid) ? pid : NONE, name);
  }

  /** fmt="Main Thread 0x4a8f6 (a.out, pid: 12345)" */
  #thread({ attributes, values }: Open): number {
    const fmt = attributes.fmt ?? "";
    const [, name = fmt, hex, pid] = /^(.*?) +0x([0-9a-f]{1,8}) \(.*?pid: (\d{1,10})\)$/s.exec(fmt) ?? [];
    const tid = values.get("tid") ?? (hex === undefined ? Number.NaN : Number.parseInt(hex, 16));
    const process = values.get("process") ?? Number.NaN;
    return this.#out.thread(
      Number.isNaN(process) ? this.#out.process(pid === undefined ? NONE : Number(pid)) : process,
      Number.isInteger(tid) ? tid : NONE,
      name,
    );
  }

  #row({ values }: Open): void {
    if (++this.#rows > this.#limits.maxSamples) {
      this.#out.note(`Only the first ${this.#limits.maxSamples} rows were read.`);
      return;
    }
    const find = (wanted: { has(name: string): boolean }): number => {
      for (const [name, value] of values) if (wanted.has(name) && !Number.isNaN(value)) return value;
      return Number.NaN;
    };
    const timeNs = find(times);
    const durationNs = find(durations);
    const stack = find(stacks);
    if (Number.isNaN(timeNs) && Number.isNaN(stack)) this.#empty++;
    else if (Number.isNaN(durationNs)) this.#sample(values, timeNs, stack);
    else this.#interval(values, timeNs, durationNs, stack);
  }

  #sample(values: ReadonlyMap<string, number>, timeNs: number, stack: number): void {
    const out = this.#out;
    const weight = [...values.keys()].find(isWeight);
    const series = this.#seriesOf(weight ?? "", !Number.isNaN(timeNs));
    const time = Number.isNaN(timeNs) ? 0 : out.seen(timeNs);
    const value = weight === undefined ? 1 : (values.get(weight) ?? 0);
    const labels = this.#others(values).map(([name, text]) => ({ key: out.string(name), text }));
    series.add(
      time,
      orNone(values.get("thread")),
      orNone(stack),
      Number.isNaN(value) ? 0 : value,
      1,
      out.labelSet(labels),
    );
  }

  #seriesOf(weight: string, timed: boolean): SeriesBuilder {
    const id = this.#schema === "" ? "samples" : this.#schema;
    const known = this.#series.get(id);
    if (known) return known;
    const counted = { name: "samples", unit: "samples", counted: true };
    const kind: SeriesKind = /time-profile|cpu-profile|time-sample/.test(id) ? "cpu" : "trace";
    const series = this.#out.series({
      id,
      kind,
      timed,
      values: weight === "" ? [counted] : [{ name: "weight", unit: weights[weight] ?? "count" }, counted],
    });
    this.#series.set(id, series);
    return series;
  }

  #interval(values: ReadonlyMap<string, number>, timeNs: number, durationNs: number, stack: number): void {
    const out = this.#out;
    const others = this.#others(values);
    const facts = Object.fromEntries(others.map(([name, text]) => [name, out.text(text)]));
    const title = others.find(([name]) => /name|type|label|narrative|syscall/.test(name)) ?? others[0];
    const start = Number.isNaN(timeNs) ? 0 : timeNs;
    out.interval({
      start,
      end: start + Math.max(0, durationNs),
      thread: orNone(values.get("thread")),
      category: out.string(this.#schema === "" ? "row" : this.#schema),
      name: title ? title[1] : out.string(this.#schema),
      stack: orNone(stack),
      args: others.length === 0 ? NONE : out.string(JSON.stringify(facts)),
    });
  }

  /** What a row says in words. */
  #others(values: ReadonlyMap<string, number>): [string, number][] {
    return [...values].filter(
      ([name, value]) => !isNumeric(name) && !structural.has(name) && !Number.isNaN(value),
    );
  }
}

const structural = new Set([
  "thread",
  "process",
  "frame",
  "binary",
  "source",
  "backtrace",
  "tagged-backtrace",
  "text-backtrace",
  "sentinel",
]);

const isWeight = (name: string): boolean => Object.hasOwn(weights, name);
const orNone = (value = Number.NaN): number => (Number.isNaN(value) ? NONE : value);

const isNumeric = (name: string): boolean =>
  times.has(name) || durations.has(name) || isWeight(name) || name === "pid" || name === "tid";

const lineOf = (text: string | undefined): number => {
  const line = Number(text ?? Number.NaN);
  return Number.isInteger(line) && line >= 0 && line <= 0x7fffffff ? line : NONE;
};
