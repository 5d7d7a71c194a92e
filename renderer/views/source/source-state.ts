import type { QueryInput, Selection } from "#core/model/query.ts";
import { type ProfileDocument, viewStateOf } from "../../app/store/document.ts";

export type SourceInput = Extract<QueryInput, { view: "source" }>;

export const sourceModes = ["source", "assembly", "both"] as const;
export type SourceMode = (typeof sourceModes)[number];

export interface SourceState {
  readonly mode: SourceMode;
  /** Of the functions of this name: the file to show, and the line that is chosen in it. */
  readonly of: string;
  readonly file: string;
  readonly line: number;
  readonly instruction: number;
}

export const sourceViewId = "source";
export const initial: SourceState = { mode: "source", of: "", file: "", line: -1, instruction: -1 };

/** What was chosen is forgotten where it is of another function. */
export function stateOf(document: ProfileDocument): SourceState {
  const state = viewStateOf(document, sourceViewId, initial);
  return state.of === document.selectedName
    ? state
    : { ...initial, mode: state.mode, of: document.selectedName };
}

export const patched = (document: ProfileDocument, part: Partial<SourceState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [sourceViewId]: { ...stateOf(document), ...part } },
});

export const sourceQuery = (document: ProfileDocument, selection: Selection): SourceInput => ({
  view: "source",
  selection: { ...selection, search: "" },
  function: document.selectedName,
  file: stateOf(document).file,
});
