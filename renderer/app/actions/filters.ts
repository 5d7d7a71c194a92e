import { type FrameTransformType, type Transform, transformSubject } from "#core/model/transform.ts";
import { exactPattern, selectionText } from "../selection.ts";
import { threadNameOf } from "../store/document.ts";
import { type ActionContext, documentOf } from "./context.ts";

export interface FilterActions {
  pick(documentId: string, functionIndex: number, node: number, name: string): void;
  unpick(documentId: string): void;
  transform(documentId: string, type: FrameTransformType, name: string): void;
  clear(documentId: string): void;
  copy(text: string, what: string): void;
  copyState(documentId: string): void;
}

export function filterActions({ store }: ActionContext): FilterActions {
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
      if (document) copy(selectionText(document.history.present, threadNameOf(document)), "the view state");
    },
  };
}
