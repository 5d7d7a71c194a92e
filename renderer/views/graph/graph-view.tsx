import { useMemo } from "react";
import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { GraphTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { nameOfRow, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { activeDocument } from "../../app/store/workspace.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { fieldWords } from "../../app/view-words.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ShareCell } from "../../widgets/function-cells.tsx";
import { plainName } from "../../widgets/function-text.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { type Placed, placedFrom, placedText } from "./graph-camera.ts";
import { GraphPicture } from "./graph-picture.tsx";
import { useLayout } from "./use-layout.ts";
import "./graph.css";

const id = "graph";
/** Shares of the whole from which functions are shown; edges from a fifth of it. */
const thresholds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1] as const;
const EDGE_PART = 0.2;

interface GraphState {
  /** Index of thresholds. */
  readonly threshold: number;
  readonly asTable: boolean;
  readonly edge: number;
  readonly placed: Placed;
}
const initial: GraphState = { threshold: 3, asTable: false, edge: 0, placed: "readable" };
const stateOf = (document: ProfileDocument): GraphState => viewStateOf(document, id, initial);
const patched = (document: ProfileDocument, part: Partial<GraphState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const shareOf = (document: ProfileDocument): number => thresholds[stateOf(document).threshold] ?? 0.005;

const words = fieldWords(stateOf, initial, patched);

export const graphDocumentView: DocumentView = {
  id,
  title: "Graph",
  longTitle: "Call graph",
  search: "search",
  weightSlot: id,
  showsFunction: true,
  words: [
    words.word(
      "threshold",
      "threshold",
      (index) => [`${(thresholds[index] ?? 0) * 100}%`],
      ([text = ""]) => {
        const index = thresholds.findIndex((share) => `${share * 100}%` === text);
        return index === -1 ? null : index;
      },
    ),
    words.turned("table", "asTable"),
    words.word(
      "camera",
      "placed",
      (placed) => [placedText(placed)],
      ([text = ""]) => placedFrom(text),
    ),
    words.number("call", "edge"),
  ],
  queries: (document, selection): Readonly<Record<string, QueryInput>> => ({
    graph: {
      view: "graph",
      selection,
      minNodeShare: shareOf(document),
      minEdgeShare: shareOf(document) * EDGE_PART,
    },
  }),
  Component: GraphView,
  Tools: GraphTools,
  commands: ({ store }) => {
    const change = (part: (now: ProfileDocument) => Partial<GraphState>) => () => {
      const document = activeDocument(store.getState());
      if (document) store.getState().patchDocument(document.id, (now) => patched(now, part(now)));
    };
    const step = (by: number) =>
      change((now) => ({
        threshold: Math.max(0, Math.min(thresholds.length - 1, stateOf(now).threshold + by)),
      }));
    return [
      {
        id: "graph-table",
        title: "Call graph as a table, or as a picture",
        group: "Profile",
        keys: ["V"],
        when: () => true,
        run: change((now) => ({ asTable: !stateOf(now).asTable })),
      },
      {
        id: "graph-more",
        title: "Show smaller functions too",
        group: "Profile",
        keys: ["<"],
        when: () => true,
        run: step(-1),
      },
      {
        id: "graph-fewer",
        title: "Show only larger functions",
        group: "Profile",
        keys: [">"],
        when: () => true,
        run: step(1),
      },
    ];
  },
};

function GraphTools({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { threshold, asTable } = stateOf(document);
  const words = formatPercent(shareOf(document), 1);
  return (
    <>
      <label className="graph-threshold">
        <span className="muted">from {words}</span>
        <input
          type="range"
          aria-label="Smallest share of a function that is shown"
          aria-valuetext={words}
          min={0}
          max={thresholds.length - 1}
          step={1}
          value={threshold}
          onChange={(event) =>
            store
              .getState()
              .patchDocument(document.id, (now) => patched(now, { threshold: Number(event.target.value) }))
          }
        />
      </label>
      <IconButton
        label={asTable ? "Show the picture" : "Show the calls as a table"}
        hint="V"
        icon="sessions"
        aria-pressed={asTable}
        onClick={() =>
          store.getState().patchDocument(document.id, (now) => patched(now, { asTable: !asTable }))
        }
      />
    </>
  );
}

function GraphView({ document }: { readonly document: ProfileDocument }) {
  const { table, problem } = slotOf(document, id);
  return (
    <ViewFrame document={document} problem={problem} samples={table?.totalSamples ?? null}>
      {table === null ? (
        <EmptyState busy title="Preparing the graph" />
      ) : table.length === 0 ? (
        <EmptyState icon="search" title="Nothing is above the threshold">
          {table.nodesInAll > 0
            ? `All ${formatCount(table.nodesInAll)} functions are below ${formatPercent(shareOf(document), 1)}: lower the threshold.`
            : "The target has not been seen running, or the selection holds no samples."}
        </EmptyState>
      ) : (
        <Graph document={document} table={table} />
      )}
    </ViewFrame>
  );
}

function Graph({ document, table }: { readonly document: ProfileDocument; readonly table: GraphTable }) {
  const app = useApp();
  const theme = useAppState(themeOf);
  const { laidOut, failed } = useLayout(table);
  const { asTable, placed } = stateOf(document);
  const pick = (of: GraphTable, row: number): void =>
    app.actions.pick(document.id, of.function[row] ?? -1, -1, nameOfRow(of, row));
  const source = (of: GraphTable, row: number): void => {
    pick(of, row);
    app.store.getState().patchDocument(document.id, { tab: "source" });
  };
  return (
    <section className="graph" aria-label="Call graph">
      {asTable ? (
        <CallGrid document={document} table={table} pick={pick} source={source} />
      ) : failed ? (
        <EmptyState icon="warn" title="The graph could not be laid out">
          Show it as a table (V), or raise the threshold.
        </EmptyState>
      ) : laidOut === null ? (
        <EmptyState busy title="Laying out the graph" />
      ) : (
        <GraphPicture
          laidOut={laidOut}
          selectedFunction={document.selectedFunction}
          theme={theme}
          placed={placed}
          place={(next) =>
            app.store.getState().patchDocument(document.id, (now) => patched(now, { placed: next }))
          }
          select={(row) => pick(laidOut.table, row)}
          activate={(row) => source(laidOut.table, row)}
          openMenu={(row, x, y) =>
            openFunctionMenu(app, document, { x, y }, subjectOfRow(laidOut.table, row))
          }
        />
      )}
      <Foot document={document} table={table} />
    </section>
  );
}

/** What is shown, and the selected function with its heaviest calls, in words. */
function Foot({ document, table }: { readonly document: ProfileDocument; readonly table: GraphTable }) {
  const { actions } = useApp();
  const row = table.function.subarray(0, table.length).indexOf(document.selectedFunction);
  return (
    <footer className="tree-foot">
      <span id="graph-words" className="truncate" aria-live="polite" data-testid="graph-words">
        {row < 0
          ? `${formatCount(table.length)} of ${formatCountOf(table.nodesInAll, "function")}, ${formatCountOf(table.edges.length, "call")} · arrows go from call to call`
          : wordsOf(table, row)}
      </span>
      <Button small look="quiet" icon="copy" onClick={() => actions.copy(callsAsText(table), "the calls")}>
        Copy table
      </Button>
    </footer>
  );
}

const nameAt = (table: GraphTable, row: number): string => plainName(nameOfRow(table, row));

export function wordsOf(table: GraphTable, row: number): string {
  const { edges, totalValue } = table;
  const heaviest = (here: Int32Array, there: Int32Array): string => {
    const edge = Array.from({ length: edges.length }, (_, at) => at).find(
      (at) => here[at] === row && there[at] !== row,
    );
    return edge === undefined
      ? ""
      : `${nameAt(table, there[edge] ?? -1)} (${formatPercent(edges.value[edge] ?? 0, totalValue)})`;
  };
  const caller = heaviest(edges.callee, edges.caller);
  const callee = heaviest(edges.caller, edges.callee);
  return [
    `${nameAt(table, row)}: total ${formatPercent(table.total[row] ?? 0, totalValue)}, self ${formatPercent(table.self[row] ?? 0, totalValue)}`,
    ...(caller ? [`mostly called by ${caller}`] : []),
    ...(callee ? [`mostly calls ${callee}`] : []),
  ].join(" · ");
}

/** Tab-separated, with a heading. */
export function callsAsText(table: GraphTable): string {
  const { edges } = table;
  const rows = Array.from({ length: edges.length }, (_, edge) =>
    [
      nameOfRow(table, edges.caller[edge] ?? -1).replace(/\s+/g, " "),
      nameOfRow(table, edges.callee[edge] ?? -1).replace(/\s+/g, " "),
      edges.value[edge] ?? 0,
      edges.indirect[edge] === 1 ? "by way of others" : "",
    ].join("\t"),
  );
  return `${[`caller\tcallee\tvalue (${table.unit})\tnote`, ...rows].join("\n")}\n`;
}

/** The same in numbers: one row a call. */
function CallGrid({
  document,
  table,
  pick,
  source,
}: {
  readonly document: ProfileDocument;
  readonly table: GraphTable;
  readonly pick: (table: GraphTable, row: number) => void;
  readonly source: (table: GraphTable, row: number) => void;
}) {
  const app = useApp();
  const { edges } = table;
  const rows = useMemo(() => Array.from({ length: edges.length }, (_, edge) => edge), [edges.length]);
  const columns = useMemo(() => columnsOf(table), [table]);
  const { edge: chosen } = stateOf(document);
  const callee = (edge: number): number => edges.callee[edge] ?? -1;
  return (
    <Grid
      label="Calls by weight"
      columns={columns}
      rows={rows}
      rowKey={String}
      rowHeight={24}
      selectedKey={String(chosen)}
      onSelect={(edge) => {
        app.store.getState().patchDocument(document.id, (now) => patched(now, { edge }));
        pick(table, callee(edge));
      }}
      onActivate={(edge) => source(table, callee(edge))}
      onMenu={(edge, x, y) => openFunctionMenu(app, document, { x, y }, subjectOfRow(table, callee(edge)))}
      testId="graph-calls"
    />
  );
}

function columnsOf(table: GraphTable): readonly GridColumn<number>[] {
  const { edges, totalValue, unit } = table;
  const name = (row: number | undefined) => (
    <span className="truncate" title={nameOfRow(table, row ?? -1)}>
      {nameAt(table, row ?? -1)}
    </span>
  );
  return [
    { id: "caller", title: "Caller", track: "minmax(120px, 1fr)", cell: (edge) => name(edges.caller[edge]) },
    { id: "callee", title: "Calls", track: "minmax(120px, 1fr)", cell: (edge) => name(edges.callee[edge]) },
    {
      id: "note",
      title: "How",
      track: "112px",
      fromPx: 620,
      cell: (edge) => (
        <span className="faint">{edges.indirect[edge] === 1 ? "by way of others" : "directly"}</span>
      ),
    },
    {
      id: "share",
      title: "Share",
      track: "124px",
      align: "end",
      cell: (edge) => (
        <ShareCell value={edges.value[edge] ?? 0} whole={totalValue} unit={unit} kind="total" />
      ),
    },
    {
      id: "value",
      title: "Value",
      track: "88px",
      align: "end",
      fromPx: 520,
      cell: (edge) => formatValue(edges.value[edge] ?? 0, unit),
    },
  ];
}
