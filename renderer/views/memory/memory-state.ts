import type { MemorySort } from "#core/model/query.ts";
import { type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import type { AppStore } from "../../app/store/store.ts";

export const memoryId = "memory";

export type MemoryMode = "sites" | "flame" | "objects";
/** What a flame graph or a tree of memory counts. */
export type MemoryWhat = "live" | "allocated" | "peak";

export interface MemoryState {
  readonly mode: MemoryMode;
  readonly what: MemoryWhat;
  readonly sort: MemorySort;
  readonly descending: boolean;
  readonly suppressions: string;
  /** Key of the selected site; "" for none. */
  readonly site: string;
  readonly widthPx: number;
  readonly zoomRoot: number;
  /** Kind of objects of a heap snapshot whose members are shown; null for none. */
  readonly members: string | null;
  /** Object of which is told who holds it, -1 for none. */
  readonly object: number;
}

const initial: MemoryState = {
  mode: "sites",
  what: "live",
  sort: "suspicion",
  descending: true,
  suppressions: "",
  site: "",
  widthPx: 0,
  zoomRoot: -1,
  members: null,
  object: -1,
};

export const hasObjects = (document: ProfileDocument): boolean =>
  (slotOf(document, "info").table?.heap.length ?? 0) > 0;

export function memoryStateOf(document: ProfileDocument): MemoryState {
  const state = viewStateOf(document, memoryId, initial);
  // A heap snapshot is looked at by its objects first.
  return document.viewState[memoryId] === undefined && hasObjects(document)
    ? { ...state, mode: "objects" }
    : state;
}

export const changeMemory = (store: AppStore, documentId: string, part: Partial<MemoryState>): void =>
  store.getState().patchDocument(documentId, (now) => ({
    viewState: { ...now.viewState, [memoryId]: { ...memoryStateOf(now), ...part } },
  }));
