import { formatDuration } from "#core/base/numbers.ts";
import { presetAt } from "#core/model/presets.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { type Transform, transformSubject } from "#core/model/transform.ts";
import { transformWords } from "./transform-words.ts";

/** The filters of one document and their history. Pure. */
export interface SelectionHistory {
  readonly past: readonly Selection[];
  readonly present: Selection;
  readonly future: readonly Selection[];
  /** Which field changed last and when: a drag of the range is one step, not a hundred. */
  readonly lastField: string;
  readonly lastAtMs: number;
}

/** Steps that are kept. */
const LIMIT = 100;
const ONE_GESTURE_MS = 800;

export const newHistory = (present: Selection = everything): SelectionHistory => ({
  past: [],
  present,
  future: [],
  lastField: "",
  lastAtMs: 0,
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The search highlights and never filters: it changes in place and is no step. */
export function changeSelection(
  history: SelectionHistory,
  patch: Partial<Selection>,
  nowMs: number,
): SelectionHistory {
  const present: Selection = { ...history.present, ...patch };
  if (same(present, history.present)) return history;
  const fields = Object.keys(patch)
    .filter((field) => !same(patch[field as keyof Selection], history.present[field as keyof Selection]))
    .join();
  if (fields === "search") return { ...history, present };
  const continues =
    fields === "rangeNs" &&
    history.lastField === "rangeNs" &&
    history.present.rangeNs !== null &&
    present.rangeNs !== null &&
    nowMs - history.lastAtMs < ONE_GESTURE_MS;
  return {
    past: continues ? history.past : [...history.past, history.present].slice(-LIMIT),
    present,
    future: [],
    lastField: fields,
    lastAtMs: nowMs,
  };
}

export function undoSelection(history: SelectionHistory): SelectionHistory {
  const before = history.past.at(-1);
  if (!before) return history;
  return {
    past: history.past.slice(0, -1),
    present: { ...before, search: history.present.search },
    future: [history.present, ...history.future],
    lastField: "",
    lastAtMs: 0,
  };
}

export function redoSelection(history: SelectionHistory): SelectionHistory {
  const [after, ...rest] = history.future;
  if (!after) return history;
  return {
    past: [...history.past, history.present],
    present: { ...after, search: history.present.search },
    future: rest,
    lastField: "",
    lastAtMs: 0,
  };
}

/** A pattern that matches this name and no other. */
export const exactPattern = (name: string): string => `^${name.replace(/[$()*+./?[\\\]^{|}]/g, "\\$&")}$`;

/** The name behind an exact pattern, for reading; other patterns as they are, between slashes. */
export function readablePattern(pattern: string): string {
  const inner = /^\^(.*)\$$/s.exec(pattern)?.[1];
  if (inner === undefined) return `/${pattern}/`;
  const name = inner.replace(/\\([$()*+./?[\\\]^{|}])/g, "$1");
  return exactPattern(name) === pattern ? name : `/${pattern}/`;
}

const readableSubject = (transform: Transform): string =>
  "pattern" in transform && transform.pattern !== ""
    ? readablePattern(transformSubject(transform))
    : transformSubject(transform);

/** What is wrong with a regular expression, in the engine's words; "" for a good one. */
export function patternProblem(pattern: string): string {
  try {
    new RegExp(pattern, "u");
    return "";
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: (\/.*\/\w*: )?/s, "")
      : String(error);
  }
}

export interface Chip {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  /** What it does; "" where the text says it. */
  readonly about: string;
  /** What takes the filter away. */
  readonly without: Partial<Selection>;
  /** The transforms that it stands for, [from, to) of the selection's; null for a range, a thread, a process. */
  readonly transforms: readonly [from: number, to: number] | null;
}

const clock = (timeNs: number): string => (timeNs === 0 ? "0\u00a0s" : formatDuration(timeNs));

const rangeText = ([start, end]: readonly [number, number]): string => `${clock(start)} – ${clock(end)}`;

const plain = { about: "", transforms: null } as const;

/** Every filter that is on. `threadName`: what to call a thread index. */
export function chipsOf(selection: Selection, threadName: (thread: number) => string): readonly Chip[] {
  const chips: Chip[] = [];
  if (selection.rangeNs) {
    chips.push({
      ...plain,
      id: "range",
      kind: "time",
      text: rangeText(selection.rangeNs),
      without: { rangeNs: null },
    });
  } else if (selection.lastNs !== null) {
    const text = `last ${formatDuration(selection.lastNs)}`;
    chips.push({ ...plain, id: "last", kind: "time", text, without: { lastNs: null } });
  }
  const threads = selection.threads;
  for (const thread of threads ?? []) {
    const rest = threads?.filter((each) => each !== thread) ?? [];
    chips.push({
      ...plain,
      id: `thread-${thread}`,
      kind: "thread",
      text: threadName(thread),
      without: { threads: rest.length > 0 ? rest : null },
    });
  }
  if (selection.processes) {
    const count = selection.processes.length;
    chips.push({
      ...plain,
      id: "processes",
      kind: "process",
      text: count === 1 ? "one process" : `${count} processes`,
      without: { processes: null },
    });
  }
  const { transforms } = selection;
  for (let from = 0; from < transforms.length; ) {
    const preset = presetAt(transforms, from);
    const transform = transforms[from];
    if (!transform) break;
    const to = from + (preset?.transforms.length ?? 1);
    const { chip, about } = transformWords[transform.type];
    chips.push({
      id: `transform-${from}-${preset?.id ?? `${transform.type}-${transformSubject(transform)}`}`,
      kind: preset ? "preset" : chip,
      text: preset ? preset.title : readableSubject(transform),
      about: preset ? preset.about : about,
      transforms: [from, to],
      without: { transforms: [...transforms.slice(0, from), ...transforms.slice(to)] },
    });
    from = to;
  }
  return chips;
}

/** A thread of the timeline was clicked. */
export function toggledThreads(
  threads: readonly number[] | null,
  thread: number,
  additive: boolean,
): number[] | null {
  const chosen = threads ?? [];
  if (!additive) return chosen.length === 1 && chosen[0] === thread ? null : [thread];
  const next = chosen.includes(thread) ? chosen.filter((each) => each !== thread) : [...chosen, thread];
  return next.length > 0 ? next.sort((a, b) => a - b) : null;
}
