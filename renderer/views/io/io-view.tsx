import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import { type IoQuery, ioSorts } from "#core/model/query.ts";
import type { IoRow, IoTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { isRecording, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { fieldWords, sortWords } from "../../app/view-words.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import "./io.css";

interface IoState {
  readonly by: IoQuery["by"];
  readonly sort: IoQuery["sort"];
  readonly descending: boolean;
  readonly waiting: boolean;
  readonly selected: string;
}
const id = "io";
const initial: IoState = { by: "call", sort: "total", descending: true, waiting: false, selected: "" };
const stateOf = (document: ProfileDocument): IoState => viewStateOf(document, id, initial);

const patched = (document: ProfileDocument, part: Partial<IoState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const words = fieldWords(stateOf, initial, patched);

export const ioDocumentView: DocumentView = {
  id,
  title: "I/O",
  longTitle: "I/O: system calls by call, file, peer and caller",
  when: (document) => slotOf(document, "info").table?.series.some(({ kind }) => kind === "syscall") === true,
  search: "filter",
  words: [
    words.choice("by", "by", ["call", "file", "peer", "stack"]),
    words.turned("waiting", "waiting"),
    ...sortWords(ioSorts, "total", stateOf, (document, sort, descending) =>
      patched(document, { sort, descending }),
    ),
    words.text("row", "selected"),
  ],
  queries: (document, selection) => {
    const { by, sort, descending, waiting } = stateOf(document);
    return {
      io: {
        view: "io",
        selection: { ...selection, series: "", transforms: [], search: "" },
        filter: selection.search,
        by,
        sort,
        descending,
        waiting,
      },
    };
  },
  Component: IoView,
};

const kinds = [
  ["call", "Calls"],
  ["file", "Files"],
  ["peer", "Peers"],
  ["stack", "Callers"],
] as const;

const titles: Readonly<Record<IoQuery["by"], string>> = {
  call: "Call",
  file: "File",
  peer: "Peer",
  stack: "Caller",
};

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "–");

function IoView({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { table, problem } = slotOf(document, "io");
  const state = stateOf(document);
  const { patchDocument, select } = store.getState();
  const remember = (part: Partial<IoState>): void =>
    patchDocument(document.id, (now) => ({
      viewState: { ...now.viewState, [id]: { ...stateOf(now), ...part } },
    }));
  return (
    <ViewFrame document={document} problem={problem} samples={null}>
      <section className="io" aria-label="I/O">
        <div className="io-bar">
          <fieldset className="io-kinds">
            <legend className="visually-hidden">One row is</legend>
            {kinds.map(([by, title]) => (
              <Button
                key={by}
                look="quiet"
                aria-pressed={state.by === by}
                onClick={() => remember({ by, selected: "" })}
              >
                {title}
              </Button>
            ))}
          </fieldset>
          {table && table.calls > 0 ? (
            <span>
              {formatCount(table.calls)} {table.calls === 1 ? "call" : "calls"}, {formatCount(table.errors)}{" "}
              failed
              {Number.isFinite(table.totalNs) ? `, ${formatDuration(table.totalNs)} in all` : ""}
            </span>
          ) : null}
          <Button
            look="quiet"
            aria-pressed={state.waiting}
            onClick={() => remember({ waiting: !state.waiting })}
          >
            {state.waiting ? "Hide" : "Show"} calls that only wait
          </Button>
        </div>
        {table === null ? (
          <EmptyState busy title="Adding up the calls" />
        ) : table.rows.length === 0 ? (
          <EmptyState icon="info" title={isRecording(document) ? "No such calls so far" : "No such calls"}>
            Calls that only wait (futex, poll, sleep) are hidden; files and peers show where the recorder
            names them.
          </EmptyState>
        ) : (
          <>
            <Grid
              label="System calls"
              testId="io-table"
              columns={columnsOf(table, state.by)}
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
        )}
      </section>
    </ViewFrame>
  );
}

function columnsOf(table: IoTable, by: IoQuery["by"]): readonly GridColumn<IoRow>[] {
  const number = (
    column: IoQuery["sort"],
    title: string,
    cell: (row: IoRow) => string,
    fromPx = 0,
  ): GridColumn<IoRow> => ({ id: column, title, track: "76px", align: "end", sortable: true, fromPx, cell });
  const timed = table.isTimed
    ? [
        number("total", "Time", ({ totalNs }) => time(totalNs)),
        number("mean", "Mean", ({ meanNs }) => time(meanNs), 620),
        number("p99", "p99", ({ p99Ns }) => time(p99Ns), 710),
        number("max", "Longest", ({ maxNs }) => time(maxNs), 530),
      ]
    : [];
  return [
    {
      id: "name",
      title: titles[by],
      track: "minmax(120px, 1fr)",
      sortable: true,
      cell: ({ name }) => (
        <span className="truncate" title={name}>
          {name}
        </span>
      ),
    },
    ...timed,
    number("calls", "Calls", ({ calls }) => formatCount(calls)),
    number("errors", "Failed", ({ errors }) => (errors === 0 ? "–" : formatCount(errors)), 800),
    number("bytes", "Moved", ({ bytes }) => (bytes === 0 ? "–" : formatBytes(bytes)), 440),
  ];
}

/** How long calls took, and the slowest of them. */
function Foot({
  table,
  zoom,
}: {
  readonly table: IoTable;
  readonly zoom: (rangeNs: readonly [number, number]) => void;
}) {
  const most = Math.max(...table.histogram, 1);
  const whole = table.histogram.reduce((sum, each) => sum + each, 0);
  const buckets = Array.from(table.histogram, (calls, i) => ({
    calls,
    title:
      i < table.bucketLimitsNs.length ? `under ${formatDuration(table.bucketLimitsNs[i] ?? 0)}` : "longer",
  }));
  const first = buckets.findIndex(({ calls }) => calls > 0);
  const last = buckets.findLastIndex(({ calls }) => calls > 0);
  if (!table.isTimed || first === -1) return null;
  return (
    <div className="io-foot">
      <table className="io-histogram">
        <caption>How long calls took</caption>
        <tbody>
          {buckets.slice(first, last + 1).map(({ calls, title }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td className="io-bar-cell">
                <span style={{ width: `${((100 * calls) / most).toFixed(1)}%` }} />
              </td>
              <td className="end">{formatCount(calls)}</td>
              <td className="end muted">{formatPercent(calls, whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <section className="io-slowest" aria-label="The slowest calls">
        <h3>The slowest calls</h3>
        <ol>
          {table.slowest.slice(0, 8).map(({ call, file, startNs, durationNs, thread }) => (
            <li key={`${startNs} ${thread} ${call}`}>
              <Button
                small
                look="quiet"
                title="Show this time on the timeline"
                onClick={() => zoom([startNs, startNs + Math.max(durationNs, 1e6)])}
              >
                {formatDuration(durationNs)}
              </Button>
              <span className="truncate">
                {call} {file}
              </span>
              <span className="muted">at {formatDuration(startNs)}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
