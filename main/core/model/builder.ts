import { float64, int32, uint8, uint32 } from "./growable.ts";
import { type FunctionKind, type HeapGraph, kindIndex, type Profile, type ProfileMeta } from "./profile.ts";
import { RowInterner } from "./row-interner.ts";
import { CounterBuilder, NONE, SeriesBuilder, type SeriesSpec } from "./series-builder.ts";

export { NONE, type SeriesBuilder };

const NO_ADDRESS = 0xffffffff;

export interface FunctionSpec {
  readonly name: number;
  readonly binary?: number;
  readonly file?: number;
  readonly line?: number;
  readonly kind?: FunctionKind;
}

export interface FrameSpec {
  readonly function: number;
  readonly addressHigh?: number;
  readonly addressLow?: number;
  readonly line?: number;
  readonly column?: number;
  readonly inlineDepth?: number;
  /** Where the function's name is only a part of it. */
  readonly symbol?: number;
}

export interface IntervalSpec {
  readonly start: number;
  readonly end: number;
  readonly thread?: number;
  readonly category: number;
  readonly name: number;
  readonly stack?: number;
  readonly args?: number;
}

export interface LabelSpec {
  readonly key: number;
  readonly text?: number;
  readonly number?: number;
  readonly unit?: number;
}

const emptyMeta: ProfileMeta = {
  format: "",
  tool: "",
  toolVersion: "",
  command: "",
  target: "",
  host: "",
  kernel: "",
  stackMethod: "",
  startedAtMs: -1,
  originSeconds: -1,
  originNanos: -1,
  durationNs: 0,
  periodNs: -1,
  lostSamples: 0,
  notes: [],
};

/**
 * The only writer of a Profile. Importers and live parsers fill it; `snapshot` may be taken at any time and costs
 * no copy, so a view of a running recording and of a saved file are the same thing.
 *
 * Every table only ever grows, and indices never change: what an analysis worked out about the first n rows stays
 * true when more arrive.
 */
export class ProfileBuilder {
  readonly #strings: string[] = [];
  readonly #stringIndex = new Map<string, number>();

  readonly #binaryIndex = new RowInterner(2);
  readonly #binaryPath = int32();
  readonly #binaryBuildId = int32();

  readonly #functionIndex = new RowInterner(5);
  readonly #functionName = int32();
  readonly #functionBinary = int32();
  readonly #functionFile = int32();
  readonly #functionLine = int32();
  readonly #functionKind = uint8();

  readonly #frameIndex = new RowInterner(6);
  readonly #frameFunction = int32();
  readonly #frameHigh = uint32();
  readonly #frameLow = uint32();
  readonly #frameLine = int32();
  readonly #frameColumn = int32();
  readonly #frameInline = int32();
  readonly #frameSymbol = int32();
  /** Functions with a symbol of their frame's own, for the index of frames. */
  readonly #namedIndex = new RowInterner(2);

  readonly #stackIndex = new RowInterner(2);
  readonly #stackPrefix = int32();
  readonly #stackFrame = int32();

  readonly #processIndex = new Map<number, number>();
  readonly #processPid = int32();
  readonly #processName = int32();
  readonly #processStart = float64();
  readonly #processEnd = float64();

  readonly #threadIndex = new RowInterner(2);
  readonly #threadProcess = int32();
  readonly #threadTid = int32();
  readonly #threadName = int32();
  readonly #threadStart = float64();
  readonly #threadEnd = float64();

  readonly #labelSetIndex = new Map<string, number>();
  readonly #labelSet = int32();
  readonly #labelKey = int32();
  readonly #labelText = int32();
  readonly #labelNumber = float64();
  readonly #labelUnit = int32();

  readonly #series = new Map<string, SeriesBuilder>();
  readonly #counters = new Map<string, CounterBuilder>();

  readonly #intervalStart = float64();
  readonly #intervalEnd = float64();
  readonly #intervalThread = int32();
  readonly #intervalCategory = int32();
  readonly #intervalName = int32();
  readonly #intervalStack = int32();
  readonly #intervalArgs = int32();

  #heap: HeapGraph | null = null;
  #meta: ProfileMeta = emptyMeta;
  readonly #notes: string[] = [];
  #lastTime = 0;

  /** Interns a text and gives its index. */
  string(text: string): number {
    const known = this.#stringIndex.get(text);
    if (known !== undefined) return known;
    const index = this.#strings.length;
    this.#strings.push(text);
    this.#stringIndex.set(text, index);
    return index;
  }

  text(index: number): string {
    return this.#strings[index] ?? "";
  }

  binary(path: string, buildId = ""): number {
    const pathIndex = this.string(path);
    const idIndex = buildId === "" ? NONE : this.string(buildId);
    const index = this.#binaryIndex.intern(pathIndex, idIndex);
    if (index === this.#binaryPath.length) {
      this.#binaryPath.push(pathIndex);
      this.#binaryBuildId.push(idIndex);
    }
    return index;
  }

  function(spec: FunctionSpec): number {
    const binary = spec.binary ?? NONE;
    const file = spec.file ?? NONE;
    const line = spec.line ?? NONE;
    const kind = kindIndex(spec.kind ?? "unknown");
    const index = this.#functionIndex.intern(spec.name, binary, file, line, kind);
    if (index === this.#functionName.length) {
      this.#functionName.push(spec.name);
      this.#functionBinary.push(binary);
      this.#functionFile.push(file);
      this.#functionLine.push(line);
      this.#functionKind.push(kind);
    }
    return index;
  }

  frame(spec: FrameSpec): number {
    const high = spec.addressHigh ?? NO_ADDRESS;
    const low = spec.addressLow ?? NO_ADDRESS;
    const line = spec.line ?? NONE;
    const column = spec.column ?? NONE;
    const inline = spec.inlineDepth ?? 0;
    const symbol = spec.symbol ?? NONE;
    const key = symbol === NONE ? spec.function : -2 - this.#namedIndex.internPair(spec.function, symbol);
    const index = this.#frameIndex.intern(key, high, low, line, column, inline);
    if (index === this.#frameFunction.length) {
      this.#frameFunction.push(spec.function);
      this.#frameHigh.push(high);
      this.#frameLow.push(low);
      this.#frameLine.push(line);
      this.#frameColumn.push(column);
      this.#frameInline.push(inline);
      this.#frameSymbol.push(symbol);
    }
    return index;
  }

  /** String index of the name of a frame's function. */
  frameName(frame: number): number {
    return this.#functionName.at(this.#frameFunction.at(frame));
  }

  /** The stack whose caller is `prefix` (NONE at the root) and whose innermost frame is `frame`. */
  stack(prefix: number, frame: number): number {
    const index = this.#stackIndex.internPair(prefix, frame);
    if (index === this.#stackPrefix.length) {
      if (prefix >= index) throw new RangeError("a stack's prefix comes before it");
      this.#stackPrefix.push(prefix);
      this.#stackFrame.push(frame);
    }
    return index;
  }

  /** Names of a stack's functions, from the innermost out, at most so many. */
  stackNames(stack: number, most: number): readonly string[] {
    const names: string[] = [];
    for (let at = stack; at !== NONE && names.length < most; at = this.#stackPrefix.at(at))
      names.push(this.text(this.frameName(this.#stackFrame.at(at))));
    return names;
  }

  process(pid: number, name = ""): number {
    let index = this.#processIndex.get(pid);
    if (index === undefined) {
      index = this.#processPid.push(pid);
      this.#processIndex.set(pid, index);
      this.#processName.push(this.string(name));
      this.#processStart.push(Number.NaN);
      this.#processEnd.push(Number.NaN);
    } else if (name !== "") this.#processName.set(index, this.string(name));
    return index;
  }

  thread(process: number, tid: number, name = ""): number {
    const index = this.#threadIndex.intern(process, tid);
    if (index === this.#threadTid.length) {
      this.#threadProcess.push(process);
      this.#threadTid.push(tid);
      this.#threadName.push(this.string(name));
      this.#threadStart.push(Number.NaN);
      this.#threadEnd.push(Number.NaN);
    } else if (name !== "") this.#threadName.set(index, this.string(name));
    return index;
  }

  threadLife(thread: number, start: number, end: number): void {
    if (!Number.isNaN(start)) this.#threadStart.set(thread, start);
    if (!Number.isNaN(end)) this.#threadEnd.set(thread, end);
  }

  processLife(process: number, start: number, end: number): void {
    if (!Number.isNaN(start)) this.#processStart.set(process, start);
    if (!Number.isNaN(end)) this.#processEnd.set(process, end);
  }

  /** Interns a set of labels; the empty set is NONE. */
  labelSet(labels: readonly LabelSpec[]): number {
    if (labels.length === 0) return NONE;
    const key = labels.map((l) => `${l.key},${l.text ?? NONE},${l.number ?? 0},${l.unit ?? NONE}`).join(";");
    const known = this.#labelSetIndex.get(key);
    if (known !== undefined) return known;
    const set = this.#labelSetIndex.size;
    this.#labelSetIndex.set(key, set);
    for (const label of labels) {
      this.#labelSet.push(set);
      this.#labelKey.push(label.key);
      this.#labelText.push(label.text ?? NONE);
      this.#labelNumber.push(label.number ?? Number.NaN);
      this.#labelUnit.push(label.unit ?? NONE);
    }
    return set;
  }

  /** The series with this id, made from the spec when it is first asked for. */
  series(spec: SeriesSpec): SeriesBuilder {
    let series = this.#series.get(spec.id);
    if (!series) {
      series = new SeriesBuilder(spec);
      this.#series.set(spec.id, series);
    }
    return series;
  }

  findSeries(id: string): SeriesBuilder | undefined {
    return this.#series.get(id);
  }

  /** Keeps the profile's duration; every timed row must pass here. Gives the time back. */
  seen(timeNs: number): number {
    if (timeNs > this.#lastTime) this.#lastTime = timeNs;
    return timeNs;
  }

  counter(id: string, name: string, unit: string, timeNs: number, value: number): void {
    let counter = this.#counters.get(id);
    if (!counter) {
      counter = new CounterBuilder(id, name, unit);
      this.#counters.set(id, counter);
    }
    counter.time.push(this.seen(timeNs));
    counter.value.push(value);
  }

  interval(spec: IntervalSpec): void {
    this.#intervalStart.push(this.seen(spec.start));
    this.#intervalEnd.push(spec.end);
    if (!Number.isNaN(spec.end)) this.seen(spec.end);
    this.#intervalThread.push(spec.thread ?? NONE);
    this.#intervalCategory.push(spec.category);
    this.#intervalName.push(spec.name);
    this.#intervalStack.push(spec.stack ?? NONE);
    this.#intervalArgs.push(spec.args ?? NONE);
  }

  /** The objects of a heap snapshot, once they are all known. */
  heap(graph: HeapGraph): void {
    this.#heap = graph;
  }

  /**
   * A time on the recording's own clock as ns from the profile's start. The first call sets the start, unless
   * `meta` did before: then rows of several sources share one zero.
   */
  relativeTime(seconds: number, nanos: number): number {
    if (this.#meta.originSeconds === -1) this.meta({ originSeconds: seconds, originNanos: nanos });
    return (seconds - this.#meta.originSeconds) * 1e9 + (nanos - this.#meta.originNanos);
  }

  meta(part: Partial<Omit<ProfileMeta, "notes" | "durationNs">>): void {
    this.#meta = { ...this.#meta, ...part };
  }

  get lostSamples(): number {
    return this.#meta.lostSamples;
  }

  /** Says once, in words, what could not be read or is not what it seems. */
  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  get sampleCount(): number {
    let count = 0;
    for (const series of this.#series.values()) count += series.length;
    return count;
  }

  get lastTimeNs(): number {
    return this.#lastTime;
  }

  /** Everything so far, sharing memory with the builder: valid until the next write. */
  snapshot(): Profile {
    return {
      strings: this.#strings,
      binaries: {
        length: this.#binaryPath.length,
        path: this.#binaryPath.view(),
        buildId: this.#binaryBuildId.view(),
      },
      functions: {
        length: this.#functionName.length,
        name: this.#functionName.view(),
        binary: this.#functionBinary.view(),
        file: this.#functionFile.view(),
        line: this.#functionLine.view(),
        kind: this.#functionKind.view(),
      },
      frames: {
        length: this.#frameFunction.length,
        function: this.#frameFunction.view(),
        addressHigh: this.#frameHigh.view(),
        addressLow: this.#frameLow.view(),
        line: this.#frameLine.view(),
        column: this.#frameColumn.view(),
        inlineDepth: this.#frameInline.view(),
        ...(this.#namedIndex.length > 0 && { symbol: this.#frameSymbol.view() }),
      },
      stacks: {
        length: this.#stackPrefix.length,
        prefix: this.#stackPrefix.view(),
        frame: this.#stackFrame.view(),
      },
      processes: {
        length: this.#processPid.length,
        pid: this.#processPid.view(),
        name: this.#processName.view(),
        start: this.#processStart.view(),
        end: this.#processEnd.view(),
      },
      threads: {
        length: this.#threadTid.length,
        process: this.#threadProcess.view(),
        tid: this.#threadTid.view(),
        name: this.#threadName.view(),
        start: this.#threadStart.view(),
        end: this.#threadEnd.view(),
      },
      labels: {
        length: this.#labelSet.length,
        set: this.#labelSet.view(),
        key: this.#labelKey.view(),
        text: this.#labelText.view(),
        number: this.#labelNumber.view(),
        unit: this.#labelUnit.view(),
      },
      series: [...this.#series.values()].map((series) => series.view()),
      intervals: {
        length: this.#intervalStart.length,
        start: this.#intervalStart.view(),
        end: this.#intervalEnd.view(),
        thread: this.#intervalThread.view(),
        category: this.#intervalCategory.view(),
        name: this.#intervalName.view(),
        stack: this.#intervalStack.view(),
        args: this.#intervalArgs.view(),
      },
      counters: [...this.#counters.values()].map((counter) => counter.view()),
      heap: this.#heap,
      meta: { ...this.#meta, durationNs: this.#lastTime, notes: this.#notes },
    };
  }

  /** The finished profile. Nothing may be written after this. */
  build(): Profile {
    const profile = this.snapshot();
    return {
      ...profile,
      strings: [...profile.strings],
      meta: { ...profile.meta, notes: [...profile.meta.notes] },
    };
  }
}
