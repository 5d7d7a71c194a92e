import { useCallback } from "react";
import type { FlameTable, TopTable } from "#core/model/tables.ts";
import { FlameView } from "../../views/flame/flame-view.tsx";
import { InfoView } from "../../views/info/info-view.tsx";
import { LogView } from "../../views/log/log-view.tsx";
import { TopView } from "../../views/top/top-view.tsx";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import type { MenuAction } from "../../widgets/menu.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { type TabSpec, Tabs } from "../../widgets/tabs.tsx";
import type { App } from "../app.ts";
import { chipsOf } from "../selection.ts";
import {
  type DocumentTab,
  isRecording,
  nameOfRow,
  type ProfileDocument,
  rowOfFunction,
  threadNameOf,
} from "../store/document.ts";
import { themeOf } from "../store/settings.ts";
import { useApp, useAppState } from "../use-app.ts";
import type { MenuPosition } from "../view-props.ts";
import { FilterChips } from "./filter-chips.tsx";
import { ViewTools } from "./view-tools.tsx";

export function DocumentTabs({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { id, tab, tables } = document;
  const notes = tables.info.table?.notes.length ?? 0;
  const tabs: readonly TabSpec<DocumentTab>[] = [
    { id: "flame", title: "Flame", content: tab === "flame" ? <FlameTab document={document} /> : null },
    { id: "top", title: "Top", content: tab === "top" ? <TopTab document={document} /> : null },
    ...(document.recordingId === "" && document.log.length === 0
      ? []
      : [{ id: "log", title: "Log", content: <LogView document={document} /> } as const]),
    {
      id: "info",
      title: "Info",
      badge: notes > 0 ? `${notes} ${notes === 1 ? "note" : "notes"}` : undefined,
      content: <InfoView document={document} />,
    },
  ];
  return (
    <Tabs
      label="Views"
      tabs={tabs}
      active={tab}
      onChange={(next) => store.getState().patchDocument(id, { tab: next })}
      tools={tab === "flame" || tab === "top" ? <ViewTools document={document} /> : null}
    />
  );
}

/** The menu of a function, wherever it was clicked. */
function openFunctionMenu(
  { store, actions }: App,
  document: ProfileDocument,
  position: MenuPosition,
  table: FlameTable | TopTable,
  row: number,
): void {
  const functionIndex = table.function[row] ?? -1;
  const name = nameOfRow(table, row);
  const node = table.view === "flame" ? (table.node[row] ?? -1) : -1;
  const { id } = document;
  if (functionIndex < 0) return;
  actions.pick(id, functionIndex, node, name);
  const file = table.strings[table.file[row] ?? -1] ?? "";
  const line = table.line[row] ?? -1;
  const zoom: MenuAction = {
    id: "zoom",
    title: "Zoom in here",
    icon: "search",
    run: () => store.getState().patchDocument(id, { zoomRoot: node }),
  };
  const show: MenuAction = {
    id: "show",
    title: "Show in the flame graph",
    icon: "flame",
    run: () => store.getState().patchDocument(id, { tab: "flame" }),
  };
  const place: MenuAction = {
    id: "copy-place",
    title: "Copy file and line",
    icon: "copy",
    run: () => actions.copy(line >= 0 ? `${file}:${line}` : file, "the place"),
  };
  store.getState().openMenu({
    ...position,
    heading: name,
    actions: [
      node >= 0 ? zoom : show,
      {
        id: "focus",
        title: "Focus: only samples with it",
        keys: "F",
        separated: true,
        run: () => actions.transform(id, "focus", name),
      },
      {
        id: "hide",
        title: "Hide it: its time goes to the caller",
        keys: "H",
        run: () => actions.transform(id, "hide", name),
      },
      {
        id: "ignore",
        title: "Drop samples with it",
        keys: "X",
        run: () => actions.transform(id, "ignore", name),
      },
      {
        id: "copy",
        title: "Copy name",
        keys: "C",
        icon: "copy",
        separated: true,
        run: () => actions.copy(name, "the name"),
      },
      ...(file ? [place] : []),
    ],
  });
}

/** Filters can leave nothing over: then the way back is at hand. */
function Filtered({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  return (
    <EmptyState
      icon="search"
      title="No samples match the filters"
      actions={<Button onClick={() => actions.clear(document.id)}>Clear all filters</Button>}
    >
      Take a filter away, or widen the time range.
    </EmptyState>
  );
}

const emptiedByFilters = (document: ProfileDocument, table: FlameTable | TopTable | null): boolean =>
  table !== null &&
  table.totalSamples === 0 &&
  chipsOf(document.history.present, threadNameOf(document)).length > 0;

function FlameTab({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const theme = useAppState(themeOf);
  const { id, tables, paused } = document;
  const { table, problem } = tables.flame;
  const { patchDocument } = app.store.getState();
  const widthChanged = useCallback(
    (flameWidthPx: number) => patchDocument(id, { flameWidthPx }),
    [id, patchDocument],
  );
  const zoom = useCallback((zoomRoot: number) => patchDocument(id, { zoomRoot }), [id, patchDocument]);
  const select = useCallback(
    (functionIndex: number, node: number) => {
      const row = table ? rowOfFunction(table, functionIndex) : -1;
      if (functionIndex < 0 || !table || row < 0) app.actions.unpick(id);
      else app.actions.pick(id, functionIndex, node, nameOfRow(table, row));
    },
    [app, id, table],
  );
  return (
    <>
      <FilterChips document={document} />
      {problem ? <ProblemBox problem={problem} /> : null}
      {emptiedByFilters(document, table) ? (
        <Filtered document={document} />
      ) : (
        <FlameView
          table={table}
          selectedFunction={document.selectedFunction}
          live={isRecording(document) && !paused}
          widthChanged={widthChanged}
          zoomRoot={document.zoomRoot}
          zoom={zoom}
          select={select}
          openMenu={(position, row) => table && openFunctionMenu(app, document, position, table, row)}
          inverted={document.inverted}
          theme={theme}
        />
      )}
    </>
  );
}

function TopTab({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const { id, tables, history, sort, descending } = document;
  const { table, problem } = tables.top;
  const { patchDocument } = app.store.getState();
  const pick = (functionIndex: number): void => {
    const row = table ? rowOfFunction(table, functionIndex) : -1;
    if (table && row >= 0) app.actions.pick(id, functionIndex, -1, nameOfRow(table, row));
  };
  return (
    <>
      <FilterChips document={document} />
      {problem ? <ProblemBox problem={problem} /> : null}
      {emptiedByFilters(document, table) && history.present.search === "" ? (
        <Filtered document={document} />
      ) : (
        <TopView
          table={table}
          selectedFunction={document.selectedFunction}
          select={pick}
          sort={sort}
          descending={descending}
          onSort={(column) =>
            patchDocument(id, {
              sort: column,
              descending: column === sort ? !descending : column !== "name",
            })
          }
          filter={history.present.search}
          openMenu={(position, row) => table && openFunctionMenu(app, document, position, table, row)}
          activate={(functionIndex) => {
            pick(functionIndex);
            patchDocument(id, { tab: "flame" });
          }}
        />
      )}
    </>
  );
}
