import { findingsOf, toggledAdvice } from "./advice-state.ts";
import type { App } from "./app.ts";
import { compareCommands } from "./compare-commands.ts";
import { copyTable } from "./copy-table.ts";
import { keyOfView } from "./document-view.ts";
import { functionFilters, selectedSubject } from "./function-filters.ts";
import { presetCommands } from "./preset-commands.ts";
import { isReadable, isRecording, isSampling, type ProfileDocument } from "./store/document.ts";
import type { AppState } from "./store/types.ts";
import { activeDocument } from "./store/workspace.ts";

export const commandGroups = ["Go to", "Record", "Profile", "Selection", "Application"] as const;

/** One thing that can be done: the menu, the keys, the palette and the sheet of keys all come from here. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: (typeof commandGroups)[number];
  /** The first is the one that is shown. */
  readonly keys: readonly string[];
  /** Id of the only view that has it; of others where it is left out. */
  readonly view?: string;
  readonly when: (state: AppState) => boolean;
  readonly run: () => void;
}

const LIVE_WINDOW_NS = 10e9;
const always = (): boolean => true;

/** The field that `/` goes to on the screen that is shown. */
export const searchFieldId = "screen-search";

const hasFilters = ({ history: { present } }: ProfileDocument): boolean =>
  present.rangeNs !== null ||
  present.lastNs !== null ||
  present.threads !== null ||
  present.processes !== null ||
  present.transforms.length > 0 ||
  present.search !== "";

export function buildCommands(app: App): readonly Command[] {
  const { store, actions, shell, views } = app;
  const state = store.getState;
  const inDocument =
    (test: (document: ProfileDocument) => boolean = always) =>
    (now: AppState): boolean => {
      const document = activeDocument(now);
      return document !== null && test(document);
    };
  const withDocument = (run: (document: ProfileDocument) => void) => (): void => {
    const document = activeDocument(state());
    if (document) run(document);
  };
  const selected = (document: ProfileDocument): boolean => document.selectedFunction >= 0;
  const hasProfile = isReadable;

  const step = (by: number): void => {
    const { documents, activeId, showDocument } = state();
    const at = documents.findIndex((document) => document.id === activeId);
    const next = documents[(at + by + documents.length) % documents.length];
    if (next) showDocument(next.id);
  };

  return [
    {
      id: "show-targets",
      title: "Targets",
      group: "Go to",
      keys: ["Alt+1"],
      when: always,
      run: () => state().showScreen("targets"),
    },
    {
      id: "show-sessions",
      title: "Sessions",
      group: "Go to",
      keys: ["Alt+2"],
      when: always,
      run: () => state().showScreen("sessions"),
    },
    {
      id: "show-compare",
      title: "Compare",
      group: "Go to",
      keys: ["Alt+3"],
      when: always,
      run: () => state().showScreen("compare"),
    },
    {
      id: "show-doctor",
      title: "Doctor",
      group: "Go to",
      keys: ["Alt+4"],
      when: always,
      run: () => state().showScreen("doctor"),
    },
    {
      id: "show-settings",
      title: "Settings",
      group: "Go to",
      keys: ["Ctrl+,"],
      when: always,
      run: () => state().showScreen("settings"),
    },
    {
      id: "next-document",
      title: "Next open profile",
      group: "Go to",
      keys: ["Alt+ArrowDown"],
      when: (now) => now.documents.length > 0,
      run: () => step(1),
    },
    {
      id: "previous-document",
      title: "Previous open profile",
      group: "Go to",
      keys: ["Alt+ArrowUp"],
      when: (now) => now.documents.length > 0,
      run: () => step(-1),
    },
    ...views.map(
      (view): Command => ({
        id: `show-${view.id}`,
        title: view.longTitle ?? view.title,
        group: "Go to",
        keys: [keyOfView(views, view)].filter((key) => key !== ""),
        when: inDocument((document) => view.when?.(document) !== false),
        run: withDocument((document) => state().patchDocument(document.id, { tab: view.id })),
      }),
    ),
    ...views.flatMap((view) =>
      (view.commands?.(app) ?? []).map((command) => ({
        ...command,
        view: view.id,
        when: (now: AppState) => inDocument((document) => document.tab === view.id)(now) && command.when(now),
      })),
    ),
    {
      id: "search",
      title: "Search in this screen",
      group: "Go to",
      keys: ["/", "Ctrl+F"],
      when: (now) => now.screen !== "doctor" && (now.screen !== "document" || activeDocument(now) !== null),
      run: () => document.getElementById(searchFieldId)?.focus(),
    },

    {
      id: "open-file",
      title: "Open a profile file…",
      group: "Record",
      keys: ["Ctrl+O"],
      when: always,
      run: () => void actions.openDialog(),
    },
    {
      id: "launch",
      title: "Launch and record a command…",
      group: "Record",
      keys: ["Alt+L"],
      when: always,
      run: () => state().openDialog({ kind: "launch" }),
    },
    {
      id: "endpoint",
      title: "Record an address: an inspector or a pprof endpoint…",
      group: "Record",
      keys: [],
      when: always,
      run: () => state().openDialog({ kind: "endpoint" }),
    },
    {
      id: "system",
      title: "Record the whole system…",
      group: "Record",
      keys: [],
      when: always,
      run: () => state().openDialog({ kind: "system" }),
    },
    {
      id: "record-demo",
      title: "Record the demo program",
      group: "Record",
      keys: [],
      when: always,
      run: () => void actions.recordDemo(),
    },
    {
      id: "pause-display",
      title: "Pause or resume the display",
      group: "Record",
      keys: ["P"],
      when: inDocument(isRecording),
      run: withDocument((document) => actions.togglePause(document.id)),
    },
    {
      id: "add-mark",
      title: "Mark this moment…",
      group: "Record",
      keys: ["M"],
      when: inDocument(isSampling),
      run: withDocument((document) => state().openDialog({ kind: "mark", documentId: document.id })),
    },
    {
      id: "ask-recording",
      title: "Ask the recording: heap snapshot, leak check",
      group: "Record",
      keys: ["Alt+A"],
      when: inDocument((document) => isSampling(document) && document.recording?.ask !== undefined),
      run: withDocument((document) => void actions.ask(document.id)),
    },
    {
      id: "stop-recording",
      title: "Stop the recording",
      group: "Record",
      keys: ["Ctrl+."],
      when: inDocument(isRecording),
      run: withDocument((document) => void actions.stop(document.id)),
    },
    {
      id: "record-again",
      title: "Record the same again",
      group: "Record",
      keys: [],
      when: inDocument((document) => document.request !== null && !isRecording(document)),
      run: withDocument((document) => void actions.again(document.id)),
    },

    {
      id: "export-report",
      title: "Export…",
      group: "Profile",
      keys: ["Ctrl+E"],
      when: inDocument(hasProfile),
      run: withDocument((document) => state().openDialog({ kind: "export", documentId: document.id })),
    },
    {
      id: "compare-selection",
      title: "Compare this selection with…",
      group: "Profile",
      keys: ["Alt+C"],
      when: inDocument(hasProfile),
      run: withDocument((document) => state().openDialog({ kind: "compare-with", documentId: document.id })),
    },
    ...compareCommands(app),
    {
      id: "save-session",
      title: "Save as a session file…",
      group: "Profile",
      keys: ["Ctrl+S"],
      when: (now) => shell.kind === "desktop" && inDocument(hasProfile)(now),
      run: withDocument((document) => void actions.saveSession(document.id)),
    },
    {
      id: "toggle-window",
      title: "Since the start, or the last 10 seconds",
      group: "Profile",
      keys: ["L"],
      when: inDocument(hasProfile),
      run: withDocument(({ id, history }) =>
        state().select(id, {
          rangeNs: null,
          lastNs: history.present.lastNs === null ? LIVE_WINDOW_NS : null,
        }),
      ),
    },
    {
      id: "toggle-advice",
      title: "Show or hide what may mislead in this profile",
      group: "Profile",
      keys: ["A"],
      when: inDocument((document) => findingsOf(document).length > 0),
      run: withDocument(({ id }) => state().patchDocument(id, toggledAdvice)),
    },
    {
      id: "close-document",
      title: "Close this profile",
      group: "Profile",
      keys: ["Alt+W"],
      when: inDocument(),
      run: withDocument((document) => actions.closeDocument(document.id)),
    },

    ...functionFilters.map(
      ({ type, title, key, make }): Command => ({
        id: `${type}-selected`,
        title: `Selected function · ${title}`,
        group: "Selection",
        keys: [key],
        when: inDocument((document) => selected(document) && make(selectedSubject(document)) !== null),
        run: withDocument((document) => {
          const transform = make(selectedSubject(document));
          if (transform) actions.transform(document.id, transform);
        }),
      }),
    ),
    {
      id: "invert",
      title: "Invert all stacks",
      group: "Selection",
      keys: ["Shift+I"],
      when: inDocument(hasProfile),
      run: withDocument(({ id }) => actions.transform(id, { type: "invert" })),
    },
    {
      id: "add-filter",
      title: "Filters and presets…",
      group: "Selection",
      keys: ["N"],
      when: inDocument(hasProfile),
      run: withDocument(({ id }) => state().openDialog({ kind: "filters", documentId: id, at: null })),
    },
    ...presetCommands(app),
    {
      id: "source-of-selected",
      title: "Source of the selected function",
      group: "Selection",
      keys: ["S"],
      when: inDocument(selected),
      run: withDocument(({ id }) => state().patchDocument(id, { tab: "source" })),
    },
    {
      id: "copy-selected",
      title: "Copy the selected function's name",
      group: "Selection",
      keys: ["C"],
      when: inDocument(selected),
      run: withDocument((document) => actions.copy(document.selectedName, "the name")),
    },
    {
      id: "copy-table",
      title: "Copy the table as text",
      group: "Selection",
      keys: ["Shift+C"],
      when: always,
      run: () => void copyTable(app),
    },
    {
      id: "undo-filter",
      title: "Undo the last filter",
      group: "Selection",
      keys: ["Ctrl+Z"],
      when: inDocument((document) => document.history.past.length > 0),
      run: withDocument((document) => state().undo(document.id)),
    },
    {
      id: "redo-filter",
      title: "Redo the filter",
      group: "Selection",
      keys: ["Ctrl+Shift+Z", "Ctrl+Y"],
      when: inDocument((document) => document.history.future.length > 0),
      run: withDocument((document) => state().redo(document.id)),
    },
    {
      id: "clear-filters",
      title: "Clear all filters",
      group: "Selection",
      keys: ["Ctrl+Backspace"],
      when: inDocument(hasFilters),
      run: withDocument((document) => actions.clear(document.id)),
    },
    {
      id: "reset-zoom",
      title: "Zoom out, then clear the selection",
      group: "Selection",
      keys: ["Escape"],
      when: inDocument((document) => document.zoomRoot >= 0 || selected(document)),
      run: withDocument(({ id, zoomRoot }) => {
        if (zoomRoot >= 0) state().patchDocument(id, { zoomRoot: -1 });
        else actions.unpick(id);
      }),
    },
    {
      id: "copy-state",
      title: "Copy the view as text",
      group: "Selection",
      keys: ["Y"],
      when: inDocument(hasProfile),
      run: withDocument((document) => actions.copyState(document.id)),
    },
    {
      id: "paste-state",
      title: "Go to a view from text…",
      group: "Selection",
      keys: ["Shift+Y"],
      when: inDocument(hasProfile),
      run: withDocument(({ id }) => state().openDialog({ kind: "state", documentId: id })),
    },

    {
      id: "command-palette",
      title: "Search commands",
      group: "Application",
      keys: ["Ctrl+K"],
      when: always,
      run: () => state().openDialog({ kind: "palette" }),
    },
    {
      id: "tour",
      title: "Take the tour",
      group: "Application",
      keys: [],
      when: always,
      run: () => actions.startTour(),
    },
    {
      id: "new-window",
      title: shell.kind === "desktop" ? "New window" : "New window: the workbench in another tab",
      group: "Application",
      // Browsers keep these keys for a window of their own.
      keys: shell.kind === "desktop" ? ["Ctrl+N"] : [],
      when: always,
      run: () => shell.newWindow(),
    },
    {
      id: "keyboard-help",
      title: "Keys",
      group: "Application",
      keys: ["?"],
      when: always,
      run: () => state().openDialog({ kind: "keys" }),
    },
    ...(["system", "light", "dark"] as const).map(
      (theme): Command => ({
        id: `theme-${theme}`,
        title: theme === "system" ? "Theme: as the system" : `Theme: ${theme}`,
        group: "Application",
        keys: [],
        when: always,
        run: () => void actions.setTheme(theme),
      }),
    ),
  ];
}
