import { type ProfileDocument, viewStateOf } from "./store/document.ts";

export type TimeRange = readonly [startNs: number, endNs: number];

/** What a person has made of the timeline of one document. */
export interface TimelineState {
  /** Ranges that were gone into, the outer ones first: the way back. */
  readonly committed: readonly TimeRange[];
  /** The part that is in view, where it was zoomed by hand; null for the innermost committed range, or all. */
  readonly viewNs: TimeRange | null;
  /** Process ids whose threads are put away. */
  readonly collapsed: readonly number[];
  /** Lanes that are not shown: ids as `counterLane` and `categoryLane` make them. */
  readonly hidden: readonly string[];
  /** Ids of counters, those that come first. */
  readonly order: readonly string[];
  readonly maxLanes: number;
  /** "lanes": which of them are shown, and in which order. */
  readonly mode: "picture" | "table" | "lanes";
}

export const timelineInitial: TimelineState = {
  committed: [],
  viewNs: null,
  collapsed: [],
  hidden: [],
  order: [],
  maxLanes: 32,
  mode: "picture",
};
const id = "timeline";

export const timelineStateOf = (document: ProfileDocument): TimelineState =>
  viewStateOf(document, id, timelineInitial);

export const withTimelineState = (
  document: ProfileDocument,
  patch: Partial<TimelineState>,
): Pick<ProfileDocument, "viewState"> => ({
  viewState: { ...document.viewState, [id]: { ...timelineStateOf(document), ...patch } },
});

export const counterLane = (counter: string): string => `counter ${counter}`;
export const categoryLane = (category: string): string => `category ${category}`;

/** Those that still hold what is selected: a range that was taken away elsewhere takes its way back with it. */
export function committedOf({ committed }: TimelineState, rangeNs: TimeRange | null): readonly TimeRange[] {
  if (rangeNs === null) return [];
  const first = committed.findIndex(([start, end]) => rangeNs[0] < start || rangeNs[1] > end);
  return first === -1 ? committed : committed.slice(0, first);
}

/** What the lanes show; null for all. */
export function shownRange(state: TimelineState, rangeNs: TimeRange | null): TimeRange | null {
  return state.viewNs ?? committedOf(state, rangeNs).at(-1) ?? null;
}

/** Times closer together than a microsecond are not told apart. */
const leastNs = 1_000;

/** Zoomed by a factor (under 1: closer) about a time; null when it is all of the time again. */
export function zoomedRange(
  [start, end]: TimeRange,
  atNs: number,
  factor: number,
  durationNs: number,
): TimeRange | null {
  const width = Math.max(leastNs, (end - start) * factor);
  if (width >= durationNs) return null;
  const share = (atNs - start) / (end - start);
  return movedInside([atNs - share * width, atNs + (1 - share) * width], durationNs);
}

/** A range moved so that it lies within the profile. */
export function movedInside([start, end]: TimeRange, durationNs: number): TimeRange {
  const width = end - start;
  const from = Math.max(0, Math.min(durationNs - width, start));
  return [from, from + width];
}
