import { type Problem, problemOf } from "#core/base/result.ts";
import { type Preset, placeOfPreset } from "#core/model/presets.ts";
import type { FiltersTable } from "#core/model/tables.ts";
import { isSameTransform, type Transform } from "#core/model/transform.ts";
import type { DocumentView } from "../document-view.ts";
import { exactPattern } from "../selection.ts";
import type { CallPath } from "../store/document.ts";
import { readState, stateText, withState } from "../view-state.ts";
import { type ActionContext, documentOf, told } from "./context.ts";

export interface FilterActions {
  pick(documentId: string, functionIndex: number, node: number, name: string, path?: CallPath | null): void;
  unpick(documentId: string): void;
  /** Puts a transform after those that are on; one that is the last already changes nothing. */
  transform(documentId: string, transform: Transform): void;
  setTransforms(documentId: string, transforms: readonly Transform[]): void;
  /** Puts its transforms after those that are on, or takes them away. */
  togglePreset(documentId: string, preset: Preset): void;
  /** What there is to filter by; null where it could not be asked. */
  filtersOf(documentId: string): Promise<FiltersTable | null>;
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
  const setTransforms = (documentId: string, transforms: readonly Transform[]): void => {
    store.getState().select(documentId, { transforms: [...transforms] });
    // A call node means something else once stacks have changed.
    store.getState().patchDocument(documentId, { zoomRoot: -1, selectedNode: -1, selectedPath: null });
  };
  return {
    pick: (documentId, selectedFunction, selectedNode, selectedName, selectedPath = null) =>
      store
        .getState()
        .patchDocument(documentId, { selectedFunction, selectedNode, selectedName, selectedPath }),
    unpick: (documentId) =>
      store.getState().patchDocument(documentId, {
        selectedFunction: -1,
        selectedNode: -1,
        selectedName: "",
        selectedPath: null,
      }),
    transform: (documentId, transform) => {
      const transforms = documentOf(store, documentId)?.history.present.transforms ?? [];
      const last = transforms.at(-1);
      // Inverting twice is something else than inverting once; nothing else says more when it is said again.
      if (last && transform.type !== "invert" && isSameTransform(last, transform)) return;
      setTransforms(documentId, [...transforms, transform]);
    },
    setTransforms,
    togglePreset: (documentId, preset) => {
      const transforms = documentOf(store, documentId)?.history.present.transforms ?? [];
      const place = placeOfPreset(transforms, preset);
      setTransforms(
        documentId,
        place === -1
          ? [...transforms, ...preset.transforms]
          : transforms.toSpliced(place, preset.transforms.length),
      );
    },
    filtersOf: async (documentId) => {
      const document = documentOf(store, documentId);
      if (!document) return null;
      const { profileId } = document;
      const table = await told(
        store,
        client.call("profile.query", { profileId, query: { view: "filters" } }),
      );
      return table?.view === "filters" ? table : null;
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
      if (document) copy(stateText(document, views), "the view as text");
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
      const remember = (): null => {
        patchDocument(documentId, (now) => withState(now, read.value, views));
        return null;
      };
      if (name === "") return remember();
      const found = await told(
        store,
        client.call("profile.query", {
          profileId: document.profileId,
          query: { view: "top", selection: {}, filter: exactPattern(name), limit: 1 },
        }),
      );
      const index = found?.view === "top" && found.length > 0 ? (found.function[0] ?? -1) : -1;
      if (index >= 0)
        patchDocument(documentId, {
          selectedFunction: index,
          selectedNode: -1,
          selectedName: name,
          selectedPath: null,
        });
      remember();
      if (index < 0 && found)
        return problemOf(
          "no-such-function",
          `There is no function ${name} in this profile.`,
          "The rest of the view is set; choose a function from the table.",
        );
      return null;
    },
  };
}
