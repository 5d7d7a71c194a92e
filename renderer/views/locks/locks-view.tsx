import { formatCount, formatCountOf, formatDuration, formatPercent } from "#core/base/numbers.ts";
import { lockSorts } from "#core/model/query.ts";
import type { LockRow, LocksTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { exactPattern } from "../../app/selection.ts";
import { isRecording, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { fieldWords, sortWords } from "../../app/view-words.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Grid } from "../../widgets/grid.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { keyOfLock, type LockSort, lockColumns } from "./lock-columns.tsx";
import "./locks.css";

interface LocksState {
  readonly sort: LockSort;
  readonly descending: boolean;
  readonly idle: boolean;
  readonly selected: string;
}
const id = "locks";
const initial: LocksState = { sort: "total", descending: true, idle: false, selected: "" };
const stateOf = (document: ProfileDocument): LocksState => viewStateOf(document, id, initial);

const patched = (document: ProfileDocument, part: Partial<LocksState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const words = fieldWords(stateOf, initial, patched);

export const locksDocumentView: DocumentView = {
  id,
  title: "Locks",
  longTitle: "Locks: who waited, for how long, who held them",
  when: (document) =>
    slotOf(document, "info").table?.series.some(
      ({ kind, id: series }) => kind === "lock" || series.startsWith("idle-waits"),
    ) === true,
  search: "filter",
  words: [
    words.turned("idle", "idle"),
    ...sortWords(
      lockSorts,
      "total",
      stateOf,
      (document, sort, descending) => patched(document, { sort, descending }),
      ["lock", "kind"],
    ),
    words.text("row", "selected"),
  ],
  queries: (document, selection) => {
    const { sort, descending, idle } = stateOf(document);
    return {
      locks: {
        view: "locks",
        selection: { ...selection, series: "", transforms: [], search: "" },
        filter: selection.search,
        sort,
        descending,
        idle,
      },
    };
  },
  Component: LocksView,
};

function LocksView({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { table, problem } = slotOf(document, "locks");
  const state = stateOf(document);
  const { patchDocument, select } = store.getState();
  const remember = (part: Partial<LocksState>): void =>
    patchDocument(document.id, (now) => ({
      viewState: { ...now.viewState, [id]: { ...stateOf(now), ...part } },
    }));
  /** The samples of one lock alone: in the flame graph, and on the timeline above it. */
  const show = (row: LockRow, series: string): void => {
    const func = series === row.waitsSeries ? row.waiter : row.holderFunction;
    const transforms = [
      ...(row.tag === "" ? [] : [{ type: "tagfocus" as const, pattern: row.tag }]),
      // Sums do not name the lock: it is the function that it is waited for, or held, in.
      ...(row.lock === func ? [{ type: "focus" as const, pattern: exactPattern(func) }] : []),
    ];
    select(document.id, { series, transforms, search: "" });
    patchDocument(document.id, { tab: "flame" });
  };
  const selected = table?.rows.find((row) => keyOfLock(row) === state.selected) ?? null;
  return (
    <ViewFrame document={document} problem={problem} samples={null}>
      <section className="locks" aria-label="Locks">
        {table ? <Bar table={table} idle={state.idle} setIdle={(idle) => remember({ idle })} /> : null}
        {table?.deadlocks.map((words) => (
          <p className="locks-deadlock" role="alert" key={words}>
            <Icon name="fail" />
            <strong>Deadlock</strong>
            <span>{words}</span>
          </p>
        ))}
        {table === null ? (
          <EmptyState busy title="Adding up the waits" />
        ) : table.rows.length === 0 ? (
          <Nothing document={document} table={table} showIdle={() => remember({ idle: true })} />
        ) : (
          <Grid
            label="Locks"
            testId="locks-table"
            columns={lockColumns(table)}
            rows={table.rows}
            rowKey={keyOfLock}
            selectedKey={state.selected === "" ? null : state.selected}
            onSelect={(row) => remember({ selected: keyOfLock(row) })}
            onActivate={(row) => show(row, row.waitsSeries || row.holdersSeries)}
            sort={{ column: state.sort, descending: state.descending }}
            onSort={(column) =>
              remember({
                sort: column as LockSort,
                descending:
                  column === state.sort ? !state.descending : column !== "lock" && column !== "kind",
              })
            }
            rowClass={(row) => (row.isIdle ? "locks-idle" : "")}
          />
        )}
        {selected ? <Detail row={selected} show={show} /> : null}
      </section>
    </ViewFrame>
  );
}

function Bar({
  table,
  idle,
  setIdle,
}: {
  readonly table: LocksTable;
  readonly idle: boolean;
  readonly setIdle: (idle: boolean) => void;
}) {
  return (
    <p className="locks-bar">
      <span>{sumWords(table)}</span>
      {table.idle.waits > 0 ? (
        <Button look="quiet" aria-pressed={idle} onClick={() => setIdle(!idle)}>
          {idle ? "Hide" : "Show"} {formatCountOf(table.idle.waits, "wait")} for work or a signal
        </Button>
      ) : null}
    </p>
  );
}

/** Reports have no length of the run, and dumps of threads no length of a wait. */
function sumWords({ waits, totalNs, spanNs }: LocksTable): string {
  const span = spanNs > 0 ? `, in ${formatDuration(spanNs)}` : "";
  if (waits === 0) return `No waits for locks${span}`;
  if (!(totalNs > 0)) return `${formatCountOf(waits, "wait")} seen${span}`;
  return `${formatCountOf(waits, "wait")} of ${formatDuration(totalNs)} in all${span}`;
}

function Nothing({
  document,
  table,
  showIdle,
}: {
  readonly document: ProfileDocument;
  readonly table: LocksTable;
  readonly showIdle: () => void;
}) {
  if (table.waits > 0)
    return (
      <EmptyState icon="search" title="No lock matches the filter">
        The filter is looked for in locks, their kinds, waiting functions and holders.
      </EmptyState>
    );
  if (table.deadlocks.length > 0)
    return (
      <EmptyState
        icon="info"
        title="No wait has ended, and none will"
        actions={
          table.idle.waits > 0 ? <Button onClick={showIdle}>Show what waited for work</Button> : undefined
        }
      >
        The threads above wait for each other. How long they have waited is not known from here: what is
        counted is waits that were seen to begin or to end.
      </EmptyState>
    );
  return (
    <EmptyState
      icon="info"
      title={isRecording(document) ? "Nobody has waited for a lock so far" : "Nobody waited for a lock"}
      actions={
        table.idle.waits > 0 ? <Button onClick={showIdle}>Show what waited for work</Button> : undefined
      }
    >
      {table.idle.waits > 0
        ? `${formatCountOf(table.idle.waits, "wait")} ${table.idle.waits === 1 ? "was" : "were"} for work or a signal (condition variables, idle pools): that is no contention.`
        : "A lock that is free when it is asked for costs nothing, and does not show."}
    </EmptyState>
  );
}

function Detail({
  row,
  show,
}: {
  readonly row: LockRow;
  readonly show: (row: LockRow, series: string) => void;
}) {
  return (
    <aside className="locks-detail" aria-label={`Lock ${row.lock}`}>
      <p>
        <strong>{row.lock}</strong>{" "}
        <span className="muted">{[row.kind, row.address].filter(Boolean).join(" · ")}</span>
      </p>
      <p>
        {row.waiter === "" ? "" : `Waited for mostly in ${row.waiter}. `}
        {holderWords(row)}
        {row.open > 0 ? ` ${formatCount(row.open)} had not ended.` : ""}
      </p>
      <p className="locks-actions">
        {row.waitsSeries === "" ? null : (
          <Button onClick={() => show(row, row.waitsSeries)}>Who waited: flame graph and timeline</Button>
        )}
        {row.holdersSeries === "" ? null : (
          <Button onClick={() => show(row, row.holdersSeries)}>Who held it: flame graph and timeline</Button>
        )}
      </p>
    </aside>
  );
}

function holderWords({ kind, holder, holderFunction, holderShare }: LockRow): string {
  if (holder === "" && holderFunction === "") return "Who held it meanwhile was not recorded.";
  const who = holder === "" ? "Held" : `Held mostly by ${holder}`;
  if (holderFunction === "") return `${who}.`;
  const share = Number.isFinite(holderShare)
    ? `, for ${formatPercent(holderShare, 1)} of the ${kind.endsWith("(held)") ? "time" : "waiting"}`
    : "";
  return `${who} in ${holderFunction}${share}.`;
}
