import type { QueryInput, Selection } from "#core/model/query.ts";
import type { DocumentView } from "./document-view.ts";
import { exactPattern, patternProblem } from "./selection.ts";
import type { ProfileDocument } from "./store/document.ts";
import { shownRange, timelineStateOf } from "./timeline-state.ts";

/** A search that does not compile is shown as such and not sent. */
const sentSearch = (search: string): string => (patternProblem(search) === "" ? search : "");

/**
 * What a document on the screen asks for, by slot: the view that is open, the timeline, the facts for chips and menus,
 * and the row of the selected function. Everything else is not computed.
 */
export function wantedQueries(
  document: ProfileDocument,
  views: readonly DocumentView[],
): Readonly<Record<string, QueryInput>> {
  if (document.profileId === "") return {};
  const { tab, history } = document;
  const selection: Selection = { ...history.present, search: sentSearch(history.present.search) };
  // They are answered in this order: what one waits for comes first.
  const view = views.find(({ id }) => id === tab);
  const ofView = view?.queries?.(document, selection) ?? {};
  const wanted: Record<string, QueryInput> = { info: { view: "info" }, ...ofView };
  if (document.timelineBins > 0) {
    // The timeline shows all threads, and all times but for what it was zoomed into: they are chosen there.
    const state = timelineStateOf(document);
    const shown = shownRange(state, selection.rangeNs);
    wanted.timeline = {
      view: "timeline",
      maxLanes: state.maxLanes,
      selection: {
        ...selection,
        rangeNs: shown === null ? null : [shown[0], shown[1]],
        lastNs: null,
        threads: null,
        search: "",
      },
      bins: document.timelineBins,
      function: document.selectedFunction,
    };
  }
  if (document.selectedFunction >= 0) {
    wanted["top/picked"] = {
      view: "top",
      selection: { ...selection, search: "" },
      filter: exactPattern(document.selectedName),
      limit: 50,
    };
  }
  // Advice looks at everything, which takes seconds of a profile of ten million samples: the first picture comes before.
  const isAnswered = (slot: string): boolean => {
    const { table = null, problem = null } = document.tables[slot] ?? {};
    return table !== null || problem !== null;
  };
  if (isAnswered("advice") || ["info", ...Object.keys(ofView)].every(isAnswered))
    wanted.advice = { view: "advice", series: selection.series };
  return wanted;
}

/** The same question about a paused display: of what there was when it was paused. */
export function frozenQuery(query: QueryInput, atNs: number): QueryInput {
  if (!("selection" in query) || query.view === "timeline") return query;
  const { selection } = query;
  if (selection.rangeNs) return query;
  const start = selection.lastNs ? Math.max(0, atNs - selection.lastNs) : 0;
  return { ...query, selection: { ...selection, rangeNs: [start, atNs], lastNs: null } };
}
