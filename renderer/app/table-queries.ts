import type { QueryInput, Selection } from "#core/model/query.ts";
import { exactPattern, patternProblem } from "./selection.ts";
import type { ProfileDocument, SlotName } from "./store/document.ts";

export type WantedQueries = { readonly [S in SlotName]?: QueryInput };

/** A frame thinner than this is merged: it could not be seen or hit. */
const NARROWEST_PX = 0.75;
/** The whole width is asked for in steps, so that a drag of the window edge does not ask for every pixel. */
const WIDTH_STEP_PX = 32;

/** A search that does not compile is shown as such and not sent. */
const sentSearch = (search: string): string => (patternProblem(search) === "" ? search : "");

/**
 * What a document on the screen asks for: the tab that is open, the timeline, the facts for chips and menus, and
 * the row of the selected function. Everything else is not computed.
 */
export function wantedQueries(document: ProfileDocument): WantedQueries {
  if (document.profileId === "") return {};
  const { tab, history } = document;
  const selection: Selection = { ...history.present, search: sentSearch(history.present.search) };
  const wanted: { -readonly [S in SlotName]?: QueryInput } = { info: { view: "info" } };
  if (document.timelineBins > 0) {
    // The timeline shows all times and threads: it is where ranges and threads are chosen.
    wanted.timeline = {
      view: "timeline",
      selection: { ...selection, rangeNs: null, lastNs: null, threads: null, search: "" },
      bins: document.timelineBins,
      function: document.selectedFunction,
    };
  }
  if (tab === "flame" && document.flameWidthPx > 0) {
    wanted.flame = {
      view: "flame",
      selection,
      widthPx: Math.ceil(document.flameWidthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX,
      minPx: NARROWEST_PX,
      root: document.zoomRoot,
      inverted: document.inverted,
    };
  }
  if (tab === "top") {
    wanted.top = {
      view: "top",
      selection: { ...selection, search: "" },
      sort: document.sort,
      descending: document.descending,
      filter: selection.search,
    };
  }
  if (document.selectedFunction >= 0) {
    wanted.picked = {
      view: "top",
      selection: { ...selection, search: "" },
      filter: exactPattern(document.selectedName),
      limit: 50,
    };
  }
  return wanted;
}

/** The same question about a paused display: of what there was when it was paused. */
export function frozenQuery(query: QueryInput, atNs: number): QueryInput {
  if (query.view === "info" || query.view === "timeline" || query.view === "heap") return query;
  const { selection } = query;
  if (selection.rangeNs) return query;
  const start = selection.lastNs ? Math.max(0, atNs - selection.lastNs) : 0;
  return { ...query, selection: { ...selection, rangeNs: [start, atNs], lastNs: null } };
}
