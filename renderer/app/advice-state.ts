import type { Finding } from "#core/model/tables.ts";
import { type ProfileDocument, slotOf, viewStateOf } from "./store/document.ts";

interface AdviceState {
  readonly open: boolean;
}
const stateId = "advice";
const initial: AdviceState = { open: false };

/** Turns the list of findings on or off. */
export const toggledAdvice = (document: ProfileDocument): Partial<ProfileDocument> => ({
  viewState: {
    ...document.viewState,
    [stateId]: { open: !viewStateOf(document, stateId, initial).open },
  },
});

export const findingsOf = (document: ProfileDocument): readonly Finding[] =>
  slotOf(document, "advice").table?.findings ?? [];

export const isAdviceOpen = (document: ProfileDocument): boolean =>
  viewStateOf(document, stateId, initial).open;
