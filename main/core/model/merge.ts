import { type LabelSpec, NONE, type ProfileBuilder } from "./builder.ts";
import { addObjects, type Mapping, type ObjectStates } from "./object-states.ts";
import { kindAt, type Profile, type Series } from "./profile.ts";

/** Where a part lies in the whole, ns from its start. */
export interface PartPlace {
  /** What is added to the part's own times. */
  readonly offsetNs: number;
  /** Samples that have no time are spread evenly over [startNs, endNs), in their order. */
  readonly startNs: number;
  readonly endNs: number;
  /** The part tells a state, of which only what has changed since the state before counts. */
  readonly levels?: Levels;
  /** Ids of series of the part that tell of all objects that are there. */
  readonly objects?: { readonly series: readonly string[]; readonly states: ObjectStates };
}

/** The last state of each stack: what its values add up to. */
export interface Levels {
  /** Of the series that the changes are. */
  readonly name: string;
  readonly states: Map<number, Float64Array>;
  /** What a state has values of, once one was seen. */
  values: readonly { readonly name: string; readonly unit: string }[];
}

/**
 * Adds what a profile says to one that is being built: the same functions, stacks, threads and series become one.
 * Linear in the part. Says in a note what a sum of parts cannot hold.
 */
export function addProfile(out: ProfileBuilder, part: Profile, place: PartPlace): void {
  const string = remembered(part.strings.length, (index) => out.string(part.strings[index] ?? ""));
  const textOf = (index: number): number => (index === NONE ? NONE : string(index));
  const { binaries, functions, frames, stacks, processes, threads } = part;
  const binary = remembered(binaries.length, (index) =>
    out.binary(part.strings[at(binaries.path, index)] ?? "", part.strings[at(binaries.buildId, index)] ?? ""),
  );
  const func = remembered(functions.length, (index) => {
    const own = at(functions.binary, index);
    return out.function({
      name: string(at(functions.name, index)),
      binary: own === NONE ? NONE : binary(own),
      file: textOf(at(functions.file, index)),
      line: at(functions.line, index),
      kind: kindAt(functions.kind[index] ?? NONE),
    });
  });
  const frame = remembered(frames.length, (index) =>
    out.frame({
      function: func(at(frames.function, index)),
      addressHigh: frames.addressHigh[index] ?? 0,
      addressLow: frames.addressLow[index] ?? 0,
      line: at(frames.line, index),
      column: at(frames.column, index),
      inlineDepth: at(frames.inlineDepth, index),
      symbol: frames.symbol ? textOf(at(frames.symbol, index)) : NONE,
    }),
  );
  // A prefix comes before its stack: from the first to the last, without recursion.
  const stackOf = new Int32Array(stacks.length);
  for (let index = 0; index < stacks.length; index++) {
    const prefix = at(stacks.prefix, index);
    stackOf[index] = out.stack(prefix === NONE ? NONE : at(stackOf, prefix), frame(at(stacks.frame, index)));
  }
  const stack = (index: number): number => (index === NONE ? NONE : at(stackOf, index));
  const time = (timeNs: number): number => timeNs + place.offsetNs;

  const processOf = Int32Array.from({ length: processes.length }, (_, index) => {
    const own = out.process(at(processes.pid, index), part.strings[at(processes.name, index)] ?? "");
    out.processLife(
      own,
      time(processes.start[index] ?? Number.NaN),
      time(processes.end[index] ?? Number.NaN),
    );
    return own;
  });
  const threadOf = Int32Array.from({ length: threads.length }, (_, index) => {
    const process = at(threads.process, index);
    const own = out.thread(
      process === NONE ? NONE : at(processOf, process),
      at(threads.tid, index),
      part.strings[at(threads.name, index)] ?? "",
    );
    out.threadLife(own, time(threads.start[index] ?? Number.NaN), time(threads.end[index] ?? Number.NaN));
    return own;
  });
  const thread = (index: number): number => (index === NONE ? NONE : at(threadOf, index));
  const labels = labelSets(out, part, textOf);

  const mapping = { thread, stack, labels };
  const { levels } = place;
  const state = levels && (part.series.find(({ kind }) => kind === "heap") ?? part.series[0]);
  // What stands beside a state and is none: wrong uses of memory.
  for (const series of part.series)
    if (place.objects?.series.includes(series.id))
      addObjects(out, part, series, place.objects.states, place, mapping);
    else if (levels === undefined || (series !== state && series.kind === "other"))
      addSeries(out, series, place, mapping);
  if (levels !== undefined) addChanges(out, state, place.endNs, levels, mapping);
  for (let index = 0; index < part.intervals.length; index++) {
    const { intervals } = part;
    out.interval({
      start: time(intervals.start[index] ?? 0),
      end: time(intervals.end[index] ?? Number.NaN),
      thread: thread(at(intervals.thread, index)),
      category: string(at(intervals.category, index)),
      name: string(at(intervals.name, index)),
      stack: stack(at(intervals.stack, index)),
      args: textOf(at(intervals.args, index)),
    });
  }
  for (const counter of part.counters)
    for (let row = 0; row < counter.length; row++)
      out.counter(
        counter.id,
        counter.name,
        counter.unit,
        time(counter.time[row] ?? 0),
        counter.value[row] ?? 0,
      );
  if (part.heap !== null)
    out.note(
      "The objects of a heap snapshot are not part of a recording in pieces: open the snapshot itself.",
    );
}

function addSeries(out: ProfileBuilder, series: Series, place: PartPlace, to: Mapping): void {
  const values = series.values.map(({ name, unit, data }) => ({ name, unit, counted: data === null }));
  const own = out.series({ id: series.id, name: series.name, kind: series.kind, timed: true, values });
  if (series.exact !== null)
    out.note(`The exact costs of “${series.name}” were left out: they do not add up from pieces.`);
  // By their names: one part may have a value that another has not.
  const sources = own.spec.values.map(
    ({ name }) => series.values.find((value) => value.name === name) ?? null,
  );
  const row = new Array<number>(sources.length).fill(0);
  const add = (index: number, timeNs: number, from: number, until: number): void => {
    for (const [i, source] of sources.entries()) {
      const value = source === null ? 0 : (source.data?.[index] ?? 1);
      // Differences of running sums: the parts add up to the whole, whatever they are rounded to.
      row[i] = from === 0 && until === 1 ? value : partOf(value, source?.unit ?? "", from, until);
    }
    own.addValues(
      out.seen(timeNs),
      to.thread(at(series.thread, index)),
      to.stack(at(series.stack, index)),
      row,
      series.labels === null ? NONE : to.labels(at(series.labels, index)),
    );
  };
  const { time } = series;
  if (time !== null) {
    for (let index = 0; index < series.length; index++) add(index, (time[index] ?? 0) + place.offsetNs, 0, 1);
    return;
  }
  for (const { index, slot, slots, timeNs } of slotsOf(series, place))
    add(index, timeNs, slot / slots, (slot + 1) / slots);
}

/** What a state changed against the one before, at its time: the sum of all changes of a stack is its state. */
function addChanges(
  out: ProfileBuilder,
  series: Series | undefined,
  atNs: number,
  levels: Levels,
  to: Pick<Mapping, "stack">,
): void {
  const { name, states } = levels;
  if (series !== undefined)
    levels.values = series.values.map(({ name: value, unit }) => ({ name: value, unit }));
  const { values } = levels;
  if (values.length === 0) return;
  const own = out.series({ id: "heap", name, kind: "heap", timed: true, values });
  const now = new Map<number, Float64Array>();
  for (let row = 0; series !== undefined && row < series.length; row++) {
    const stack = to.stack(at(series.stack, row));
    const sums = now.get(stack) ?? new Float64Array(values.length);
    now.set(stack, sums);
    for (const [i, { data }] of series.values.entries()) sums[i] = (sums[i] ?? 0) + (data?.[row] ?? 1);
  }
  const timeNs = out.seen(atNs);
  for (const stack of new Set([...states.keys(), ...now.keys()])) {
    const before = states.get(stack);
    const after = now.get(stack);
    const change = values.map((_, i) => (after?.[i] ?? 0) - (before?.[i] ?? 0));
    if (change.some((each) => each !== 0)) own.addValues(timeNs, NONE, stack, change);
    if (after === undefined) states.delete(stack);
    else states.set(stack, after);
  }
}

/** Samples without times that were counted together are shown at so many moments a second at most. */
const MOMENTS_PER_SECOND = 10;

interface Moment {
  readonly index: number;
  readonly slot: number;
  readonly slots: number;
  readonly timeNs: number;
}

/** A row of a thousand samples was not one moment: it is spread over the part, as a row of few samples is not. */
function slotsOf(series: Series, { startNs, endNs }: PartPlace): readonly Moment[] {
  const spanNs = endNs - startNs;
  const most = Math.max(1, Math.round((spanNs / 1e9) * MOMENTS_PER_SECOND));
  const counts = series.values.find(({ unit }) => unit === "count" || unit === "samples")?.data ?? null;
  const moments: Moment[] = [];
  for (let index = 0; index < series.length; index++) {
    const slots = counts === null ? 1 : Math.max(1, Math.min(most, Math.floor(Math.abs(counts[index] ?? 1))));
    // Rows of one sample follow one another; those of many fill the part evenly.
    const first = slots === 1 ? (index + 0.5) / series.length : 0.5 / slots;
    for (let slot = 0; slot < slots; slot++)
      moments.push({ index, slot, slots, timeNs: startNs + (slot / slots + first) * spanNs });
  }
  return moments.sort((a, b) => a.timeNs - b.timeNs || a.index - b.index);
}

/** The part of a value between two shares of it; counts stay whole numbers. */
function partOf(value: number, unit: string, from: number, to: number): number {
  const round = (share: number): number =>
    unit === "count" || unit === "samples" ? Math.round(value * share) : value * share;
  return round(to) - round(from);
}

function labelSets(
  out: ProfileBuilder,
  { labels }: Profile,
  textOf: (index: number) => number,
): (set: number) => number {
  const sets: number[] = [];
  for (let row = 0; row < labels.length; ) {
    const set = at(labels.set, row);
    const specs: LabelSpec[] = [];
    for (; row < labels.length && labels.set[row] === set; row++) {
      const number = labels.number[row] ?? Number.NaN;
      specs.push({
        key: textOf(at(labels.key, row)),
        ...(labels.text[row] === NONE ? {} : { text: textOf(at(labels.text, row)) }),
        ...(Number.isNaN(number) ? {} : { number }),
        ...(labels.unit[row] === NONE ? {} : { unit: textOf(at(labels.unit, row)) }),
      });
    }
    sets[set] = out.labelSet(specs);
  }
  return (set) => (set === NONE ? NONE : (sets[set] ?? NONE));
}

const at = (column: Int32Array, index: number): number => column[index] ?? NONE;

/** What an index of the part is in the whole, worked out when it is first needed. */
function remembered(length: number, make: (index: number) => number): (index: number) => number {
  const known = new Int32Array(length).fill(-2);
  return (index) => {
    let found = known[index] ?? NONE;
    if (found === -2) {
      found = make(index);
      known[index] = found;
    }
    return found;
  };
}
