import type { Problem } from "#core/base/result.ts";
import type {
  CompareMode,
  CompareQueryInput,
  CompareTable,
  CompareTableOf,
  ComparisonInput,
} from "#core/model/compare.ts";
import type { Selection } from "#core/model/query.ts";
import type { Slice } from "./types.ts";

export type CompareSide = "before" | "after";

/** One profile, or a part of one, on one side. */
export interface CompareRun {
  /** Of this page only. */
  readonly id: string;
  readonly profileId: string;
  readonly title: string;
  readonly selection: Partial<Selection>;
  /** What was selected of it, as people read it; "" for all. */
  readonly part: string;
  /** The same as flags of the command line; null where no flags say it. */
  readonly flags: readonly string[] | null;
  /** What leads to it, and to how many runs; null where no path does. */
  readonly origin: { readonly path: string; readonly runs: number } | null;
}

/** The newest table of one view; it stays while a newer one is on its way. */
export interface CompareSlot {
  readonly table: CompareTable | null;
  readonly problem: Problem | null;
  /** 0 to 1; 1 when both sides are there. */
  readonly progress: number;
  readonly growing: number;
}

export const compareTabs = ["flame", "functions", "overweight"] as const;
export type CompareTab = (typeof compareTabs)[number];
export const compareSorts = [
  "name",
  "before",
  "after",
  "change",
  "ratio",
  "certainty",
  "overweight",
] as const;
export type CompareSort = (typeof compareSorts)[number];
export const compareShows = ["all", "changed", "grown", "shrunk", "new", "gone"] as const;
export type CompareShow = (typeof compareShows)[number];

/** A series of recordings that is under way: one after the other, both sides in turn. */
export interface CompareSeries {
  readonly done: number;
  readonly all: number;
  readonly side: CompareSide;
  readonly recordingId: string;
  readonly stopping: boolean;
}

export interface CompareState {
  readonly before: readonly CompareRun[];
  readonly after: readonly CompareRun[];
  readonly by: CompareMode;
  readonly confidence: number;
  readonly tab: CompareTab;
  readonly of: "self" | "total";
  readonly sort: CompareSort;
  readonly descending: boolean;
  readonly show: CompareShow;
  readonly search: string;
  readonly selectedName: string;
  readonly zoomRoot: number;
  /** The flame graph from what burns to its callers. */
  readonly inverted: boolean;
  readonly flameWidthPx: number;
  readonly slots: Readonly<Record<string, CompareSlot>>;
  readonly series: CompareSeries | null;
  readonly seriesProblem: Problem | null;
}

export interface CompareSlice {
  readonly compare: CompareState;
  readonly patchCompare: (
    patch: Partial<CompareState> | ((state: CompareState) => Partial<CompareState>),
  ) => void;
}

export const compareSlice: Slice<CompareSlice> = (set, get) => ({
  compare: {
    before: [],
    after: [],
    by: "total",
    confidence: 0.99,
    tab: "flame",
    of: "self",
    sort: "change",
    descending: true,
    show: "all",
    search: "",
    selectedName: "",
    zoomRoot: -1,
    inverted: false,
    flameWidthPx: 0,
    slots: {},
    series: null,
    seriesProblem: null,
  },
  patchCompare: (change) => {
    const { compare } = get();
    set({ compare: { ...compare, ...(typeof change === "function" ? change(compare) : change) } });
  },
});

const noSlot: CompareSlot = { table: null, problem: null, progress: -1, growing: 0 };

/** The slots are the engine's views, and the whole flame graph beside what is zoomed into. */
export function compareSlot<V extends CompareTable["view"]>(
  { slots }: CompareState,
  view: V,
): CompareSlot & { readonly table: CompareTableOf<V> | null } {
  // What is put into a slot was held against its name.
  return (slots[view] ?? noSlot) as CompareSlot & { readonly table: CompareTableOf<V> | null };
}

/** null until both sides have something. */
export function comparisonOf({ before, after, by, confidence }: CompareState): ComparisonInput | null {
  if (before.length === 0 || after.length === 0) return null;
  const runs = (side: readonly CompareRun[]): ComparisonInput["before"] =>
    side.map(({ profileId, selection }) => ({
      profileId,
      selection: selection as ComparisonInput["before"][number]["selection"],
    }));
  return { before: runs(before), after: runs(after), by, confidence };
}

/** What the screen asks for, by slot. */
export function compareQueries(
  state: CompareState,
  search: string,
): Readonly<Record<string, CompareQueryInput>> {
  const { tab, of, sort, descending, show, selectedName, zoomRoot, inverted, flameWidthPx } = state;
  const wanted: Record<string, CompareQueryInput> = { summary: { view: "summary" } };
  if (tab === "flame" && flameWidthPx > 0)
    wanted.flame = {
      view: "flame",
      widthPx: flameWidthPx,
      minPx: 0.75,
      maxRows: 6000,
      root: zoomRoot,
      search,
      inverted,
    };
  if (tab === "functions")
    wanted.functions = { view: "functions", of, sort, descending, show, filter: search };
  if (tab === "overweight")
    wanted.functions = { view: "functions", of, sort: "overweight", descending: true, show, filter: search };
  if (selectedName !== "") wanted.function = { view: "function", name: selectedName };
  return wanted;
}

/** A place in the tree that stands the other way up is no place in this one. */
export const flippedCompare = ({ inverted }: CompareState): Partial<CompareState> => ({
  inverted: !inverted,
  zoomRoot: -1,
});

export const usesProfile = ({ before, after }: CompareState, profileId: string): boolean =>
  [...before, ...after].some((run) => run.profileId === profileId);
