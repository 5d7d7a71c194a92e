import { type MemorySort, memorySorts } from "#core/model/query.ts";
import { type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import type { AppStore } from "../../app/store/store.ts";
import { fieldWords, openWord, sortWords, type ViewWord } from "../../app/view-words.ts";

export const memoryId = "memory";

const modes = ["sites", "flame", "tree", "objects"] as const;
export type MemoryMode = (typeof modes)[number];
/** What a flame graph or a tree of memory counts. */
export type MemoryWhat = "live" | "allocated" | "peak";

/** Columns of what changed between two heap snapshots. */
export const changeColumns = [
  "name",
  "delta",
  "new",
  "newBytes",
  "gone",
  "goneBytes",
  "grown",
  "after",
] as const;
export interface ChangesOrder {
  readonly column: (typeof changeColumns)[number];
  readonly descending: boolean;
}

/** What a document is known by as an earlier snapshot: its path, which words can say, or its id where it has none. */
export const snapshotKey = ({ id, path }: ProfileDocument): string => (path === "" ? id : path);
/** Ids of documents have none of these signs. */
export const isPath = (key: string): boolean => /[/\\]/.test(key);

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
  /** `snapshotKey` of what came before this one; "" where they are not compared. */
  readonly since: string;
  /** By what the changes since then are sorted. */
  readonly changes: ChangesOrder;
  /** Of the tree: open nodes, the one whose heaviest path is open too (-1 from the top), the selected one. */
  readonly open: readonly number[];
  readonly follow: number | null;
  readonly node: number;
  /** Ids of the curves that are drawn over time; null for those that one scale can show. */
  readonly curves: readonly string[] | null;
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
  since: "",
  changes: { column: "delta", descending: true },
  open: [],
  follow: -1,
  node: -1,
  curves: null,
};

const patched = (document: ProfileDocument, part: Partial<MemoryState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [memoryId]: { ...memoryStateOf(document), ...part } },
});
const words = fieldWords(memoryStateOf, initial, patched);
export const memoryWords: readonly ViewWord[] = [
  {
    name: "mode",
    read: (document) => {
      const { mode } = memoryStateOf(document);
      return mode === firstMode(document) ? [] : [mode];
    },
    write: (document, values) => {
      const mode = values.length === 0 ? firstMode(document) : modes.find((each) => each === values.at(-1));
      return mode === undefined ? null : patched(document, { mode });
    },
  },
  words.choice("count", "what", ["live", "allocated", "peak"]),
  ...sortWords(memorySorts, "suspicion", memoryStateOf, (document, sort, descending) =>
    patched(document, { sort, descending }),
  ),
  words.text("suppressions", "suppressions"),
  words.text("row", "site"),
  words.number("zoom", "zoomRoot"),
  words.word(
    "kind",
    "members",
    (kind) => [kind ?? ""],
    ([kind]) => kind ?? null,
  ),
  words.number("object", "object"),
  words.word(
    "since",
    "since",
    (key) => (isPath(key) ? [key] : []),
    ([path = ""]) => (isPath(path) ? path : null),
  ),
  words.word(
    "table-order",
    "changes",
    ({ column, descending }) => [`changes=${descending ? "-" : ""}${column}`],
    ([text = ""]) => {
      const [, sign, name] = /^changes=(-?)(\w+)$/.exec(text) ?? [];
      const column = changeColumns.find((each) => each === name);
      return column === undefined ? null : { column, descending: sign === "-" };
    },
  ),
  openWord(memoryStateOf, patched),
  words.word(
    "curve",
    "curves",
    (ids) => ids ?? [],
    (ids) => ids,
  ),
];

export const hasObjects = (document: ProfileDocument): boolean =>
  (slotOf(document, "info").table?.heap.length ?? 0) > 0;

/** A heap snapshot is looked at by its objects first. */
const firstMode = (document: ProfileDocument): MemoryMode => (hasObjects(document) ? "objects" : "sites");

export function memoryStateOf(document: ProfileDocument): MemoryState {
  const state = viewStateOf(document, memoryId, initial);
  return document.viewState[memoryId] === undefined ? { ...state, mode: firstMode(document) } : state;
}

export const changeMemory = (store: AppStore, documentId: string, part: Partial<MemoryState>): void =>
  store.getState().patchDocument(documentId, (now) => ({
    viewState: { ...now.viewState, [memoryId]: { ...memoryStateOf(now), ...part } },
  }));
