import { type Problem, problemOf } from "#core/base/result.ts";
import { type FrameTransformType, type Transform, transformSubject } from "#core/model/transform.ts";
import type { DocumentView } from "../document-view.ts";
import { exactPattern } from "../selection.ts";
import { readState, stateText } from "../view-state.ts";
import { type ActionContext, documentOf, told } from "./context.ts";

export interface FilterActions {
  pick(documentId: string, functionIndex: number, node: number, name: string): void;
  unpick(documentId: string): void;
  transform(documentId: string, type: FrameTransformType, name: string): void;
  clear(documentId: string): void;
  copy(text: string, what: string): void;
  copyState(documentId: string): void;
  /** Shows what a copied line says; gives the problem where it says nothing of this profile. */
  applyState(documentId: string, text: string): Promise<Problem | null>;
}

export function filterActions(
  { store, client }: ActionContext,
  views: readonly DocumentView[],
): FilterActions {
  const copy = (text: string, what: string): void => {
    const { toast } = store.getState();
    navigator.clipboard.writeText(text).then(
      () => toast("ok", `Copied ${what}.`),
      () => toast("fail", "The clipboard was refused.", "Allow this page to use the clipboard."),
    );
  };
  return {
    pick: (documentId, selectedFunction, selectedNode, selectedName) =>
      store.getState().patchDocument(documentId, { selectedFunction, selectedNode, selectedName }),
    unpick: (documentId) =>
      store
        .getState()
        .patchDocument(documentId, { selectedFunction: -1, selectedNode: -1, selectedName: "" }),
    transform: (documentId, type, name) => {
      const document = documentOf(store, documentId);
      if (!document || name === "") return;
      const transform: Transform = { type, pattern: exactPattern(name) };
      const { transforms } = document.history.present;
      const known = transforms.some(
        (each) => each.type === type && transformSubject(each) === transformSubject(transform),
      );
      if (known) return;
      store.getState().select(documentId, { transforms: [...transforms, transform] });
      // A call node means something else once stacks have changed.
      store.getState().patchDocument(documentId, { zoomRoot: -1 });
    },
    clear: (documentId) => {
      store.getState().select(documentId, {
        rangeNs: null,
        lastNs: null,
        threads: null,
        processes: null,
        transforms: [],
        search: "",
      });
      store.getState().patchDocument(documentId, { zoomRoot: -1 });
    },
    copy,
    copyState: (documentId) => {
      const document = documentOf(store, documentId);
      if (document) copy(stateText(document), "the view as text");
    },
    applyState: async (documentId, text) => {
      const document = documentOf(store, documentId);
      if (!document) return null;
      const read = readState(text, document, views);
      if (!read.ok) return read.problem;
      const { view, function: name, selection } = read.value;
      const { select, patchDocument } = store.getState();
      select(documentId, selection);
      patchDocument(documentId, { zoomRoot: -1, ...(view === "" ? {} : { tab: view }) });
      if (name === "") return null;
      const found = await told(
        store,
        client.call("profile.query", {
          profileId: document.profileId,
          query: { view: "top", selection: {}, filter: exactPattern(name), limit: 1 },
        }),
      );
      const index = found?.view === "top" && found.length > 0 ? (found.function[0] ?? -1) : -1;
      if (index >= 0)
        patchDocument(documentId, { selectedFunction: index, selectedNode: -1, selectedName: name });
      else if (found)
        return problemOf(
          "no-such-function",
          `There is no function ${name} in this profile.`,
          "The rest of the view is set; choose a function from the table.",
        );
      return null;
    },
  };
}
