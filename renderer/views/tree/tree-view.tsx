import { useCallback, useMemo } from "react";
import { formatCount, formatCountOf, formatValue } from "#core/base/numbers.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { TreeTable } from "#core/model/tables.ts";
import { isInverted } from "#core/model/transform.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, pathOfRow, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { nameOfRow, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { activeDocument } from "../../app/store/workspace.ts";
import { useApp } from "../../app/use-app.ts";
import { fieldWords, openWord, sortWords } from "../../app/view-words.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FunctionCell, ShareCell } from "../../widgets/function-cells.tsx";
import { placeOf } from "../../widgets/function-rows.ts";
import { Grid, type GridColumn, type GridTree } from "../../widgets/grid.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { closedBelow, rowsAsText } from "./tree-rows.ts";
import "./tree.css";

type Sort = "total" | "self" | "name";
interface TreeState {
  readonly inverted: boolean;
  /** Open nodes of each direction; they mean nothing once stacks are transformed otherwise. */
  readonly open: readonly number[];
  readonly follow: number | null;
  /** JSON of the transforms and the direction that `open` and `node` are of. */
  readonly of: string;
  readonly node: number;
  readonly sort: Sort;
  readonly descending: boolean;
}
const id = "tree";
const initial: TreeState = {
  inverted: false,
  open: [],
  follow: -1,
  of: "",
  node: -1,
  sort: "total",
  descending: true,
};
const sorts: readonly string[] = ["total", "self", "name"] satisfies readonly Sort[];
const isSort = (column: string): column is Sort => sorts.includes(column);

const subjectOf = (document: ProfileDocument, inverted: boolean): string =>
  JSON.stringify([document.history.present.transforms, inverted]);

/** What was opened is forgotten where it is of other stacks: the heaviest path is shown then. */
function stateOf(document: ProfileDocument): TreeState {
  const state = viewStateOf(document, id, initial);
  const of = subjectOf(document, state.inverted);
  return state.of === of ? state : { ...state, of, open: [], follow: -1, node: -1 };
}

type Change = (change: (now: TreeState, document: ProfileDocument) => Partial<TreeState>) => void;
const changer =
  (
    patch: (id: string, change: (document: ProfileDocument) => Partial<ProfileDocument>) => void,
    documentId: string,
  ): Change =>
  (change) =>
    patch(documentId, (document) => {
      const now = stateOf(document);
      return { viewState: { ...document.viewState, [id]: { ...now, ...change(now, document) } } };
    });

/** What is open on the screen, the heaviest path included, as the person's own choice. */
function openNow(now: TreeState, document: ProfileDocument): readonly number[] {
  const { table } = slotOf(document, "tree");
  if (now.follow === null || table === null) return now.open;
  const shown = Array.from(table.node).filter((_, row) => table.state[row] === 2);
  return [...new Set([...now.open, ...shown])];
}

const flip = ({ inverted }: TreeState): Partial<TreeState> => ({ ...initial, inverted: !inverted });
const followFrom = (now: TreeState, document: ProfileDocument): Partial<TreeState> => ({
  open: openNow(now, document),
  follow: now.node,
});

const patched = (document: ProfileDocument, part: Partial<TreeState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const words = fieldWords(stateOf, initial, patched);
export const treeDocumentView: DocumentView = {
  id,
  title: "Tree",
  longTitle: "Call tree",
  search: "search",
  weightSlot: "tree",
  showsFunction: true,
  words: [
    words.turned("flip", "inverted"),
    ...sortWords(["total", "self", "name"], "total", stateOf, (document, sort, descending) =>
      patched(document, { sort, descending }),
    ),
    openWord(stateOf, patched),
  ],
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const { inverted, open, follow, sort, descending } = stateOf(document);
    return { tree: { view: "tree", selection, inverted, open: [...open], follow, sort, descending } };
  },
  Component: TreeView,
  Tools: TreeTools,
  commands: ({ store }) => {
    const change = (how: (now: TreeState, document: ProfileDocument) => Partial<TreeState>) => () => {
      const document = activeDocument(store.getState());
      if (document) changer(store.getState().patchDocument, document.id)(how);
    };
    return [
      {
        id: "tree-heaviest",
        title: "Open the heaviest path from here",
        group: "Profile",
        keys: ["E"],
        when: () => true,
        run: change(followFrom),
      },
      {
        id: "tree-invert",
        title: "Turn the tree: from the top down, or from what burns up",
        group: "Profile",
        keys: ["I"],
        when: () => true,
        run: change(flip),
      },
      {
        id: "tree-close",
        title: "Close the whole tree",
        group: "Profile",
        keys: ["Shift+E"],
        when: () => true,
        run: change(() => ({ open: [], follow: null })),
      },
    ];
  },
};

function TreeTools({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { inverted } = stateOf(document);
  const change = changer(store.getState().patchDocument, document.id);
  return (
    <>
      <Button small look="quiet" keys="E" onClick={() => change(followFrom)} title="Open the heaviest path">
        Heaviest path
      </Button>
      <IconButton
        label={inverted ? "Show from the callers down" : "Invert: begin with what burns"}
        hint="I"
        icon="callers"
        aria-pressed={inverted}
        onClick={() => change(flip)}
      />
    </>
  );
}

/** Calls as a tree that opens node by node. */
function TreeView({ document }: { readonly document: ProfileDocument }) {
  const { table, problem } = slotOf(document, "tree");
  return (
    <ViewFrame document={document} problem={problem} samples={table?.totalSamples ?? null}>
      {table === null ? (
        <EmptyState busy title="Preparing the tree" />
      ) : table.length === 0 ? (
        <EmptyState icon="search" title="No samples yet">
          The target has not been seen running, or the selection holds no samples.
        </EmptyState>
      ) : (
        <TreeGrid document={document} table={table} />
      )}
    </ViewFrame>
  );
}

function TreeGrid({ document, table }: { readonly document: ProfileDocument; readonly table: TreeTable }) {
  const app = useApp();
  const { id: documentId } = document;
  const state = stateOf(document);
  const { patchDocument } = app.store.getState();
  const change = useMemo(() => changer(patchDocument, documentId), [patchDocument, documentId]);
  const rows = useMemo(() => Array.from({ length: table.length }, (_, row) => row), [table.length]);
  const setOpen = useCallback(
    (row: number, open: boolean) =>
      change((now, shown) => {
        const node = table.node[row] ?? -1;
        const before = openNow(now, shown);
        return {
          node,
          follow: null,
          open: open ? [...before, node] : closedBelow(table, before, row),
        };
      }),
    [change, table],
  );
  const tree = useMemo<GridTree<number>>(
    () => ({
      level: (row) => (table.depth[row] ?? 0) + 1,
      isOpen: (row) => (table.state[row] === 0 ? null : table.state[row] === 2),
      setOpen,
      parent: (row) => {
        const parent = table.parent[row] ?? -1;
        return parent < 0 ? undefined : parent;
      },
    }),
    [table, setOpen],
  );
  const columns = useMemo(() => columnsOf(table, setOpen), [table, setOpen]);
  const selected = table.node.indexOf(state.node);
  const isUpsideDown = isInverted(state.inverted, document.history.present.transforms);
  const select = (row: number): void => {
    const node = table.node[row] ?? -1;
    change(() => ({ node }));
    app.actions.pick(
      documentId,
      table.function[row] ?? -1,
      state.inverted ? -1 : node,
      nameOfRow(table, row),
      pathOfRow(table, row, isUpsideDown),
    );
  };
  return (
    <section className="tree" aria-label="Call tree">
      <Grid
        label={state.inverted ? "Callers of what burns" : "Calls from the top down"}
        columns={columns}
        rows={rows}
        rowKey={(row) => String(table.node[row])}
        rowHeight={24}
        selectedKey={selected < 0 ? null : String(state.node)}
        onSelect={select}
        onActivate={(row) => setOpen(row, table.state[row] !== 2)}
        onMenu={(row, x, y) =>
          openFunctionMenu(app, document, { x, y }, subjectOfRow(table, row, isUpsideDown), [
            {
              id: "heaviest",
              title: "Open the heaviest path from here",
              keys: "E",
              run: () => change((now, shown) => followFrom({ ...now, node: table.node[row] ?? -1 }, shown)),
            },
          ])
        }
        rowClass={(row) => (table.matched[row] === 1 ? "function-matched" : "")}
        sort={{ column: state.sort, descending: state.descending }}
        onSort={(column) => {
          if (isSort(column))
            change((now) => ({
              sort: column,
              descending: column === now.sort ? !now.descending : column !== "name",
            }));
        }}
        tree={tree}
        allAsText={() => rowsAsText(table)}
        testId="call-tree"
      />
      <footer className="tree-foot">
        <span>
          {table.length < table.rowsInAll
            ? `the first ${formatCount(table.length)} of ${formatCount(table.rowsInAll)} open rows`
            : formatCountOf(table.length, "row")}
        </span>
        <Button
          look="quiet"
          small
          icon="copy"
          title="The open part of the tree as indented text"
          onClick={() => app.actions.copy(rowsAsText(table), "the tree")}
        >
          Copy tree
        </Button>
      </footer>
    </section>
  );
}

const INDENT_PX = 14;
/** Deeper levels are not moved in any more: names must stay readable. */
const MOST_INDENTED = 30;

function columnsOf(
  table: TreeTable,
  setOpen: (row: number, open: boolean) => void,
): readonly GridColumn<number>[] {
  const share = (column: Sort, title: string, values: Float64Array): GridColumn<number> => ({
    id: column,
    title,
    track: "minmax(88px, 120px)",
    align: "end",
    sortable: true,
    cell: (row) => (
      <ShareCell
        value={values[row] ?? 0}
        whole={table.totalValue}
        sampleSize={table.sampleSize}
        unit={table.unit}
        kind={column === "self" ? "self" : "total"}
      />
    ),
  });
  return [
    {
      id: "name",
      title: "Function",
      track: "minmax(200px, 1fr)",
      sortable: true,
      cell: (row) => {
        const state = table.state[row] ?? 0;
        const depth = table.depth[row] ?? 0;
        return (
          <span
            className="tree-cell"
            style={{ paddingInlineStart: Math.min(depth, MOST_INDENTED) * INDENT_PX }}
          >
            <button
              type="button"
              className="tree-twist"
              // The keys of the grid do the same, and assistive technology hears the row's own state.
              tabIndex={-1}
              aria-hidden="true"
              disabled={state === 0}
              onClick={(event) => {
                event.stopPropagation();
                setOpen(row, state !== 2);
              }}
            >
              {state === 0 ? null : <Icon name={state === 2 ? "down" : "right"} size={12} />}
            </button>
            <FunctionCell place={placeOf(table, row)} matched={table.matched[row] === 1} />
          </span>
        );
      },
    },
    share("total", "Total %", table.value),
    share("self", "Self %", table.self),
    {
      id: "value",
      title: "Total",
      track: "84px",
      align: "end",
      fromPx: 620,
      cell: (row) => formatValue(table.value[row] ?? 0, table.unit),
    },
  ];
}
