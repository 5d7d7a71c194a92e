import type { FilterActions } from "./actions/filters.ts";
import type { DocumentView } from "./document-view.ts";
import { newDocument, slotOf } from "./store/document.ts";
import type { AppStore } from "./store/store.ts";

/** A profile begins with the view that is about it. One that was opened for one view shows it once its threads and series are known. */
export function showWantedViews(
  store: AppStore,
  actions: Pick<FilterActions, "applyState">,
  views: readonly DocumentView[],
): void {
  /** Documents whose first view was chosen, by what they are or by the person. */
  const begun = new Set<string>();
  store.subscribe(({ documents }) => {
    for (const document of documents) {
      const { id, tab, wantedView } = document;
      const info = slotOf(document, "info").table;
      if (info === null || begun.has(id)) continue;
      const first = views.find((view) => view.isFirst?.(document) === true);
      // A recording says what it is with its first sample.
      if (first === undefined && info.series.length === 0) continue;
      begun.add(id);
      if (first !== undefined && wantedView === "" && tab === newDocument(id, {}).tab)
        store.getState().patchDocument(id, { tab: first.id });
    }
  });
  store.subscribe(({ documents }) => {
    for (const document of documents) {
      const { id, wantedView } = document;
      const isKnown = document.profileState?.phase === "ready" && slotOf(document, "info").table !== null;
      if (wantedView === "" || !isKnown) continue;
      store.getState().patchDocument(id, { wantedView: "" });
      void actions.applyState(id, wantedView).then((problem) => {
        if (problem) store.getState().toast("fail", problem.message, problem.fix);
      });
    }
  });
}
