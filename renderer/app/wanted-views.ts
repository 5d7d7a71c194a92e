import type { FilterActions } from "./actions/filters.ts";
import { slotOf } from "./store/document.ts";
import type { AppStore } from "./store/store.ts";

/** A profile that was opened for one view shows it once its threads and series are known. */
export function showWantedViews(store: AppStore, actions: Pick<FilterActions, "applyState">): void {
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
