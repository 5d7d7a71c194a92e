import type { Selection } from "#core/model/query.ts";
import type { LogLine } from "#core/model/recording.ts";
import { changeSelection, redoSelection, undoSelection } from "../selection.ts";
import type { ProfileDocument } from "./document.ts";
import type { Slice } from "./types.ts";

export type Screen = "targets" | "sessions" | "compare" | "doctor" | "settings" | "document";

export interface WorkspaceSlice {
  readonly screen: Screen;
  readonly documents: readonly ProfileDocument[];
  /** The document of the screen "document". */
  readonly activeId: string | null;
  readonly showScreen: (screen: Exclude<Screen, "document">) => void;
  readonly showDocument: (id: string) => void;
  readonly addDocument: (document: ProfileDocument) => void;
  readonly removeDocument: (id: string) => void;
  readonly patchDocument: (
    id: string,
    patch: Partial<ProfileDocument> | ((document: ProfileDocument) => Partial<ProfileDocument>),
  ) => void;
  readonly appendLog: (id: string, lines: readonly LogLine[]) => void;
  readonly select: (id: string, patch: Partial<Selection>) => void;
  readonly undo: (id: string) => void;
  readonly redo: (id: string) => void;
}

/** Lines of the tool's output that the page keeps; the whole log is in the session. */
const MOST_LOG_LINES = 20_000;

export const workspaceSlice: Slice<WorkspaceSlice> = (set, get) => {
  const patch: WorkspaceSlice["patchDocument"] = (id, change) => {
    const now = get().documents.find((document) => document.id === id);
    if (!now) return;
    const part = typeof change === "function" ? change(now) : change;
    // What changes nothing renders nothing.
    const isNews = (Object.keys(part) as (keyof ProfileDocument)[]).some((key) => part[key] !== now[key]);
    if (!isNews) return;
    const next = { ...now, ...part };
    set({ documents: get().documents.map((document) => (document === now ? next : document)) });
  };
  return {
    screen: "targets",
    documents: [],
    activeId: null,
    showScreen: (screen) => set({ screen }),
    showDocument: (id) => {
      if (get().documents.some((document) => document.id === id)) set({ activeId: id, screen: "document" });
    },
    addDocument: (document) =>
      set({ documents: [...get().documents, document], activeId: document.id, screen: "document" }),
    removeDocument: (id) => {
      const { documents, activeId, screen } = get();
      const at = documents.findIndex((document) => document.id === id);
      const rest = documents.filter((document) => document.id !== id);
      if (activeId !== id) return set({ documents: rest });
      const next = rest[Math.min(at, rest.length - 1)];
      set({
        documents: rest,
        activeId: next?.id ?? null,
        screen: screen === "document" && !next ? "targets" : screen,
      });
    },
    patchDocument: patch,
    appendLog: (id, lines) =>
      patch(id, ({ log, logSkipped }) => {
        const all = [...log, ...lines];
        const over = Math.max(0, all.length - MOST_LOG_LINES);
        return { log: over > 0 ? all.slice(over) : all, logSkipped: logSkipped + over };
      }),
    select: (id, change) =>
      patch(id, ({ history }) => ({ history: changeSelection(history, change, Date.now()) })),
    undo: (id) => patch(id, ({ history }) => ({ history: undoSelection(history) })),
    redo: (id) => patch(id, ({ history }) => ({ history: redoSelection(history) })),
  };
};

/** The document on the screen, or null where another screen is shown. */
export function activeDocument(state: WorkspaceSlice): ProfileDocument | null {
  if (state.screen !== "document") return null;
  return state.documents.find((document) => document.id === state.activeId) ?? null;
}
