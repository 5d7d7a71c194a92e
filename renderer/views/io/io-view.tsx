import { formatBytes, formatCount, formatDuration } from "#core/base/numbers.ts";
import { descriptorKey, movedId, openId } from "#core/model/descriptors.ts";
import {
  diskValues,
  firstOrder,
  type IoOrders,
  isKnownIn,
  noOrders,
  type OrderedKind,
  openValues,
  orderTexts,
  readOrders,
  threadValues,
  turnedOrder,
  type Values,
} from "#core/model/io-order.ts";
import { type IoQuery, ioSorts } from "#core/model/query.ts";
import type { InfoTable, IoTable, OpenRow } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { isRecording, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { fieldWords, sortWords } from "../../app/view-words.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import {
  callColumns,
  diskColumns,
  type IoKind,
  isOfCalls,
  openColumnsOf,
  threadColumns,
} from "./io-columns.tsx";
import { Foot } from "./io-foot.tsx";
import { Requests } from "./io-requests.tsx";
import { OpenFacts } from "./open-facts.tsx";
import "./io.css";

interface IoState {
  /** "": what there is most of. */
  readonly by: IoKind | "";
  readonly sort: IoQuery["sort"];
  readonly descending: boolean;
  readonly waiting: boolean;
  readonly selected: string;
  /** Of the tables that are no calls. */
  readonly orders: IoOrders;
}
const id = "io";
const initial: IoState = {
  by: "",
  sort: "total",
  descending: true,
  waiting: false,
  selected: "",
  orders: noOrders,
};
const stateOf = (document: ProfileDocument): IoState => viewStateOf(document, id, initial);

const patched = (document: ProfileDocument, part: Partial<IoState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const words = fieldWords(stateOf, initial, patched);

const tellsWhatIsOpen = ({ counters }: InfoTable): boolean => counters.some(({ id }) => id === openId);

/** Calls, pages of files, what threads moved, what is open; or the machine's disks. */
const isAboutIo = (info: InfoTable): boolean =>
  info.series.some(({ kind }) => kind === "syscall" || kind === "io") ||
  tellsWhatIsOpen(info) ||
  info.counters.some(({ name }) => / (?:r\/s|%util)$/.test(name));

/** There is nothing else in it. */
const isOfIo = (info: InfoTable): boolean =>
  info.series.every(({ id }) => id === movedId) && (info.series.length > 0 || tellsWhatIsOpen(info));

export const ioDocumentView: DocumentView = {
  id,
  title: "I/O",
  longTitle: "I/O: system calls, open files and sockets, disks",
  when: (document) => {
    const info = slotOf(document, "info").table;
    return info !== null && isAboutIo(info);
  },
  isFirst: (document) => {
    const info = slotOf(document, "info").table;
    return info !== null && isOfIo(info);
  },
  search: "filter",
  words: [
    words.choice("by", "by", ["call", "file", "peer", "stack", "open", "disk", "thread"]),
    words.turned("waiting", "waiting"),
    ...sortWords(ioSorts, "total", stateOf, (document, sort, descending) =>
      patched(document, { sort, descending }),
    ),
    words.word("table-order", "orders", orderTexts, readOrders),
    words.text("row", "selected"),
  ],
  queries: (document, selection) => {
    const { by, sort, descending, waiting, orders } = stateOf(document);
    return {
      io: {
        view: "io",
        selection: { ...selection, series: "", transforms: [], search: "" },
        filter: selection.search,
        by: by !== "" && isOfCalls(by) ? by : "call",
        sort,
        descending,
        waiting,
        orders,
      },
    };
  },
  Component: IoView,
};

const kinds: readonly (readonly [IoKind, string])[] = [
  ["call", "Calls"],
  ["file", "Files"],
  ["peer", "Peers"],
  ["stack", "Callers"],
  ["open", "Open"],
  ["disk", "Disks"],
  ["thread", "Threads"],
];

/** Is there anything of that kind in the profile? */
function isThere(kind: IoKind, table: IoTable): boolean {
  if (isOfCalls(kind)) return table.series !== "";
  return { open: table.open, disk: table.disks, thread: table.threads }[kind].length > 0;
}

function IoView({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { table, problem } = slotOf(document, "io");
  const state = stateOf(document);
  const { patchDocument } = store.getState();
  const remember = (part: Partial<IoState>): void =>
    patchDocument(document.id, (now) => ({
      viewState: { ...now.viewState, [id]: { ...stateOf(now), ...part } },
    }));
  const there = table === null ? [] : kinds.filter(([kind]) => kind === state.by || isThere(kind, table));
  // Of who moved what and disks in all the first tells more.
  const byItself = there.find(([each]) => each !== "disk") ?? there[0];
  const kind = state.by !== "" ? state.by : (byItself?.[0] ?? "open");
  return (
    <ViewFrame document={document} problem={problem} samples={null}>
      <section className="io" aria-label="I/O">
        <div className="io-bar">
          <fieldset className="io-kinds">
            <legend className="visually-hidden">One row is</legend>
            {there.map(([by, title]) => (
              <Button
                key={by}
                look="quiet"
                aria-pressed={kind === by}
                onClick={() => remember({ by, selected: "" })}
              >
                {title}
              </Button>
            ))}
          </fieldset>
          {table ? <span>{factsOf(table)}</span> : null}
          {isOfCalls(kind) ? (
            <Button
              look="quiet"
              aria-pressed={state.waiting}
              onClick={() => remember({ waiting: !state.waiting })}
            >
              {state.waiting ? "Hide" : "Show"} calls that only wait
            </Button>
          ) : null}
        </div>
        {table === null ? (
          <EmptyState busy title="Adding up the calls" />
        ) : (
          <Rows document={document} table={table} kind={kind} state={state} remember={remember} />
        )}
      </section>
    </ViewFrame>
  );
}

function factsOf(table: IoTable): string {
  const facts: string[] = [];
  if (table.calls > 0) {
    const inAll = Number.isFinite(table.totalNs) ? `, ${formatDuration(table.totalNs)} in all` : "";
    facts.push(
      `${formatCount(table.calls)} ${table.calls === 1 ? "call" : "calls"}, ${formatCount(table.errors)} failed${inAll}`,
    );
  }
  if (table.misses !== null)
    facts.push(
      `${formatCount(table.misses.times)} page cache ${table.misses.times === 1 ? "miss" : "misses"}, ${formatBytes(table.misses.bytes)}`,
    );
  const open = table.open.filter(({ isOpen }) => isOpen).length;
  if (table.calls === 0 && table.openInAll > 0) facts.push(`${formatCount(open)} open`);
  return facts.join(" · ");
}

interface RowsProps {
  readonly document: ProfileDocument;
  readonly table: IoTable;
  readonly kind: IoKind;
  readonly state: IoState;
  readonly remember: (part: Partial<IoState>) => void;
}

const openKey = (row: OpenRow): string => `${descriptorKey(row)} ${row.isOpen}`;

function Rows(props: RowsProps) {
  const { kind, table, state } = props;
  const chosen = kind === "open" ? table.open.find((row) => openKey(row) === state.selected) : undefined;
  if (isOfCalls(kind)) return <Calls {...props} by={kind} />;
  switch (kind) {
    case "open":
      return (
        <>
          <Sorted
            {...props}
            kind="open"
            label="Open files and sockets"
            columns={openColumnsOf(table.open)}
            values={openValues}
            rows={table.open}
            rowKey={openKey}
            rowClass={({ isOpen }) => (isOpen ? "" : "io-closed")}
            nothing="Nothing is open, or this user may not see it."
          />
          {chosen === undefined ? null : <OpenFacts row={chosen} />}
        </>
      );
    case "disk":
      return (
        <>
          <Sorted
            {...props}
            kind="disk"
            label="Disks"
            columns={diskColumns}
            values={diskValues}
            rows={table.disks}
            rowKey={({ device }) => device}
            nothing="No disk was used in this time."
          />
          {table.requests.length > 0 ? <Requests table={table} /> : null}
        </>
      );
    case "thread":
      return (
        <Sorted
          {...props}
          kind="thread"
          label="Threads by bytes moved"
          columns={threadColumns}
          values={threadValues}
          rows={table.threads}
          rowKey={({ tid }) => String(tid)}
          nothing="No thread read or wrote in this time."
        />
      );
  }
}

function Calls({ document, table, by, state, remember }: RowsProps & { readonly by: IoQuery["by"] }) {
  const { store } = useApp();
  const { patchDocument, select } = store.getState();
  if (table.calls === 0 && table.waitingCalls > 0)
    return (
      <EmptyState
        icon="info"
        title={waitingTitle(table.waitingCalls, isRecording(document))}
        actions={<Button onClick={() => remember({ waiting: true })}>Show them</Button>}
      >
        futex, poll, sleep and the like wait for whatever comes next. They say little of I/O, so they are
        hidden at first.
      </EmptyState>
    );
  if (table.rows.length === 0)
    return (
      <EmptyState icon="info" title={isRecording(document) ? "No such calls so far" : "No such calls"}>
        Calls that only wait (futex, poll, sleep) are hidden; files and peers show where the recorder names
        them.
      </EmptyState>
    );
  return (
    <>
      <Grid
        label="System calls"
        testId="io-table"
        columns={callColumns(table, by)}
        rows={table.rows}
        rowKey={({ name }) => name}
        selectedKey={state.selected === "" ? null : state.selected}
        onSelect={({ name }) => remember({ selected: name })}
        onActivate={() => {
          select(document.id, { series: table.series });
          patchDocument(document.id, { tab: "flame" });
        }}
        sort={{ column: state.sort, descending: state.descending }}
        onSort={(column) =>
          remember({
            sort: column as IoQuery["sort"],
            descending: column === state.sort ? !state.descending : column !== "name",
          })
        }
      />
      <Foot
        table={table}
        zoom={(rangeNs) => select(document.id, { rangeNs: [rangeNs[0], rangeNs[1]], lastNs: null })}
      />
    </>
  );
}

interface SortedProps<T> extends RowsProps {
  readonly kind: OrderedKind;
  readonly label: string;
  readonly columns: readonly GridColumn<T>[];
  readonly values: Values<T>;
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly rowClass?: (row: T) => string;
  readonly nothing: string;
}

/** A table with an order of its own. Columns of which nobody says anything are left out. */
function Sorted<T>({
  document,
  kind,
  state,
  remember,
  label,
  columns,
  values,
  rows,
  rowKey,
  rowClass,
  nothing,
}: SortedProps<T>) {
  const order = state.orders[kind];
  const sorted = order.replace(/^-/, "");
  if (rows.length === 0)
    return (
      <EmptyState icon="info" title={isRecording(document) ? "Nothing so far" : "Nothing to show"}>
        {nothing}
      </EmptyState>
    );
  return (
    <Grid
      label={label}
      testId={`io-${kind}`}
      columns={columns.filter(({ id: column }) => column === sorted || isKnownIn(rows, values, column))}
      rows={rows}
      rowKey={rowKey}
      {...(rowClass === undefined ? {} : { rowClass })}
      selectedKey={state.selected === "" ? null : state.selected}
      onSelect={(row) => remember({ selected: rowKey(row) })}
      onActivate={(row) => remember({ selected: rowKey(row) })}
      {...(order === "" ? {} : { sort: { column: sorted, descending: order.startsWith("-") } })}
      onSort={(chosen) =>
        remember({
          orders: { ...state.orders, [kind]: chosen === sorted ? turnedOrder(order) : firstOrder(chosen) },
        })
      }
    />
  );
}

const waitingTitle = (calls: number, isGrowing: boolean): string =>
  `${calls === 1 ? "The one call" : `All ${formatCount(calls)} calls`}${isGrowing ? " so far" : ""} only ${calls === 1 ? "waits" : "wait"}`;
