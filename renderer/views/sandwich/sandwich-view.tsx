import { useCallback, useMemo } from "react";
import { formatPercent, formatValue } from "#core/base/numbers.ts";
import { formatInterval, intervalWords } from "#core/base/shares.ts";
import type { QueryInput, Selection } from "#core/model/query.ts";
import type { FlameTable, TopTable } from "#core/model/tables.ts";
import type { Transform } from "#core/model/transform.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { exactPattern } from "../../app/selection.ts";
import {
  isRecording,
  nameOfRow,
  type ProfileDocument,
  rowOfFunction,
  slotOf,
  viewStateOf,
} from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import type { ViewWord } from "../../app/view-words.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FlameView } from "../../widgets/flame/flame-view.tsx";
import { FunctionCell, ShareCell } from "../../widgets/function-cells.tsx";
import { placeOf } from "../../widgets/function-rows.ts";
import { plainName } from "../../widgets/function-text.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import "./sandwich.css";

interface SandwichState {
  readonly widthPx: number;
  /** Call nodes that are zoomed into, -1 for none. They mean nothing once another function is chosen. */
  readonly zoomedFor: string;
  readonly callersRoot: number;
  readonly calleesRoot: number;
}
const id = "sandwich";
const initial: SandwichState = { widthPx: 0, zoomedFor: "", callersRoot: -1, calleesRoot: -1 };
const stateOf = (document: ProfileDocument): SandwichState => viewStateOf(document, id, initial);

const patched = (document: ProfileDocument, part: Partial<SandwichState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
/** Zoomed into for the function in the middle; what was zoomed into for another one says nothing. */
const zoomWord = (name: string, root: "callersRoot" | "calleesRoot"): ViewWord => ({
  name,
  read: (document) => {
    const state = stateOf(document);
    return state.zoomedFor === middleOf(document) && state[root] >= 0 ? [String(state[root])] : [];
  },
  write: (document, [text]) => {
    if (text === undefined) return patched(document, { [root]: -1 });
    return /^\d{1,15}$/.test(text)
      ? patched(document, { zoomedFor: middleOf(document), [root]: Number(text) })
      : null;
  },
});

const WIDTH_STEP_PX = 32;
const NARROWEST_PX = 0.75;

/** The function in the middle: the selected one, else the one that burns most itself. */
function middleOf(document: ProfileDocument): string {
  const { table } = slotOf(document, "top/functions");
  if (document.selectedName !== "" || table === null) return document.selectedName;
  const self = table.self.subarray(0, table.length);
  return nameOfRow(table, self.indexOf(Math.max(...self.subarray(0, MOST_COMPARED))));
}
/** In a table that is sorted by total the heaviest are at the top. */
const MOST_COMPARED = 1000;

export const sandwichDocumentView: DocumentView = {
  id,
  title: "Sandwich",
  longTitle: "Sandwich: callers and callees of a function",
  search: "filter",
  weightSlot: "top/functions",
  showsFunction: true,
  words: [zoomWord("zoom-callers", "callersRoot"), zoomWord("zoom-callees", "calleesRoot")],
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const functions: QueryInput = {
      view: "top",
      selection: { ...selection, search: "" },
      sort: "total",
      filter: selection.search,
    };
    const middle = middleOf(document);
    const { widthPx, zoomedFor, callersRoot, calleesRoot } = stateOf(document);
    if (middle === "" || widthPx === 0) return { "top/functions": functions };
    const isZoomed = zoomedFor === middle;
    const flame = (transforms: readonly Transform[], root: number, inverted: boolean): QueryInput => ({
      view: "flame",
      selection: asked(selection, transforms),
      widthPx: Math.ceil(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX,
      minPx: NARROWEST_PX,
      root: isZoomed ? root : -1,
      inverted,
    });
    const pattern = exactPattern(middle);
    return {
      "top/functions": functions,
      "flame/callers": flame(
        [
          { type: "focus", pattern },
          { type: "prune-from", pattern },
        ],
        callersRoot,
        true,
      ),
      "flame/callees": flame([{ type: "focus-function", function: middle }], calleesRoot, false),
    };
  },
  Component: SandwichView,
};

const asked = (selection: Selection, transforms: readonly Transform[]): Selection => ({
  ...selection,
  search: "",
  transforms: [...selection.transforms.filter(({ type }) => type !== "invert"), ...transforms],
});

/** Functions on the left; of the selected one, who calls it above and what it calls below. */
function SandwichView({ document }: { readonly document: ProfileDocument }) {
  const { table, problem } = slotOf(document, "top/functions");
  return (
    <ViewFrame
      document={document}
      problem={problem}
      samples={document.history.present.search === "" ? (table?.totalSamples ?? null) : null}
    >
      <div className="sandwich">
        <FunctionList document={document} table={table} />
        <Pictures document={document} />
      </div>
    </ViewFrame>
  );
}

function FunctionList({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: TopTable | null;
}) {
  const app = useApp();
  const rows = useMemo(() => Array.from({ length: table?.length ?? 0 }, (_, row) => row), [table?.length]);
  const columns = useMemo(() => (table ? columnsOf(table) : []), [table]);
  if (!table) return <EmptyState busy title="Preparing the functions" />;
  if (table.length === 0)
    return (
      <EmptyState icon="search" title="No function matches">
        Change the filter, or clear it.
      </EmptyState>
    );
  const pick = (row: number): void =>
    app.actions.pick(document.id, table.function[row] ?? -1, -1, nameOfRow(table, row));
  const middle = middleOf(document);
  const chosen =
    document.selectedFunction >= 0
      ? rowOfFunction(table, document.selectedFunction)
      : rows.find((row) => nameOfRow(table, row) === middle);
  return (
    <section className="sandwich-list" aria-label="Functions">
      <Grid
        label="Functions by total"
        columns={columns}
        rows={rows}
        rowKey={(row) => String(table.function[row])}
        rowHeight={24}
        selectedKey={chosen === undefined || chosen < 0 ? null : String(table.function[chosen])}
        onSelect={pick}
        onActivate={pick}
        onMenu={(row, x, y) => openFunctionMenu(app, document, { x, y }, subjectOfRow(table, row))}
        testId="sandwich-functions"
      />
    </section>
  );
}

const columnsOf = (table: TopTable): readonly GridColumn<number>[] => [
  {
    id: "name",
    title: "Function",
    track: "minmax(120px, 1fr)",
    cell: (row) => <FunctionCell place={placeOf(table, row)} matched={table.matched[row] === 1} />,
  },
  {
    id: "total",
    title: "Total %",
    track: "104px",
    align: "end",
    cell: (row) => (
      <ShareCell
        value={table.total[row] ?? 0}
        whole={table.totalValue}
        sampleSize={table.sampleSize}
        unit={table.unit}
        kind="total"
      />
    ),
  },
  {
    id: "self",
    title: "Self %",
    track: "64px",
    align: "end",
    fromPx: 340,
    cell: (row) => (
      <span title={intervalWords(table.self[row] ?? 0, table) || undefined}>
        {formatPercent(table.self[row] ?? 0, table.totalValue)}
      </span>
    ),
  },
];

function Pictures({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const theme = useAppState(themeOf);
  const middle = middleOf(document);
  const { widthPx, zoomedFor, callersRoot, calleesRoot } = stateOf(document);
  const { id: documentId } = document;
  const remember = useCallback(
    (part: Partial<SandwichState>) =>
      store.getState().patchDocument(documentId, (now) => ({
        viewState: { ...now.viewState, [id]: { ...stateOf(now), ...part } },
      })),
    [documentId, store],
  );
  const widthChanged = useCallback((px: number) => remember({ widthPx: px }), [remember]);
  const isZoomed = zoomedFor === middle;
  const callers = slotOf(document, "flame/callers");
  const callees = slotOf(document, "flame/callees");
  if (middle === "" && widthPx > 0)
    return (
      <EmptyState icon="callers" title="Choose a function">
        Its callers are shown above, what it calls below.
      </EmptyState>
    );
  const common = { document, live: isRecording(document) && !document.paused, theme, widthChanged };
  return (
    <div className="sandwich-pictures">
      <Half
        {...common}
        label="Callers"
        table={callers.table}
        rootOnTop={false}
        root={isZoomed ? callersRoot : -1}
        zoom={(node) =>
          remember({ zoomedFor: middle, callersRoot: node, calleesRoot: isZoomed ? calleesRoot : -1 })
        }
      />
      <p className="sandwich-middle" data-testid="sandwich-middle">
        <span className="truncate" title={middle}>
          {plainName(middle)}
        </span>
        {callees.table ? <MiddleShare document={document} table={callees.table} /> : null}
      </p>
      <Half
        {...common}
        label="Callees"
        table={callees.table}
        rootOnTop
        root={isZoomed ? calleesRoot : -1}
        zoom={(node) =>
          remember({ zoomedFor: middle, calleesRoot: node, callersRoot: isZoomed ? callersRoot : -1 })
        }
      />
    </div>
  );
}

function MiddleShare({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: FlameTable;
}) {
  const whole = slotOf(document, "top/functions").table;
  const interval = whole ? formatInterval(table.totalValue, whole) : "";
  return (
    <span className="muted" title={whole ? intervalWords(table.totalValue, whole) || undefined : undefined}>
      {formatPercent(table.totalValue, whole?.totalValue ?? 0)}
      {interval === "" ? "" : ` (${interval})`} · {formatValue(table.totalValue, table.unit)}
    </span>
  );
}

function Half({
  document,
  label,
  table,
  root,
  zoom,
  rootOnTop,
  live,
  theme,
  widthChanged,
}: {
  readonly document: ProfileDocument;
  readonly label: string;
  readonly table: FlameTable | null;
  readonly root: number;
  readonly zoom: (node: number) => void;
  readonly rootOnTop: boolean;
  readonly live: boolean;
  readonly theme: "dark" | "light";
  readonly widthChanged: (widthPx: number) => void;
}) {
  const app = useApp();
  return (
    <div className="sandwich-half">
      <FlameView
        label={label}
        table={table}
        selectedFunction={document.selectedFunction}
        live={live}
        widthChanged={widthChanged}
        zoomRoot={root}
        zoom={zoom}
        select={(functionIndex, node) => {
          const row = table ? rowOfFunction(table, functionIndex) : -1;
          if (table && row >= 0) app.actions.pick(document.id, functionIndex, node, nameOfRow(table, row));
        }}
        openMenu={(position, row) =>
          table && openFunctionMenu(app, document, position, subjectOfRow(table, row))
        }
        inverted={!rootOnTop}
        rootOnTop={rootOnTop}
        theme={theme}
      />
    </div>
  );
}
