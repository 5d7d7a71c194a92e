import { formatCount, formatDuration } from "#core/base/numbers.ts";
import type { LocksQuery } from "#core/model/query.ts";
import type { LockRow, LocksTable } from "#core/model/tables.ts";
import { ShareCell } from "../../widgets/function-cells.tsx";
import type { GridColumn } from "../../widgets/grid.tsx";

export type LockSort = LocksQuery["sort"];

export const keyOfLock = ({ kind, address, lock }: LockRow): string => `${kind} ${address} ${lock}`;

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "–");

const number = (
  id: LockSort,
  title: string,
  cell: (row: LockRow) => string,
  fromPx = 0,
): GridColumn<LockRow> => ({ id, title, track: "72px", align: "end", sortable: true, fromPx, cell });

/** What nobody told of any lock is no column: reports have no percentiles, dumps of threads no lengths at all. */
const known: Readonly<Record<string, (row: LockRow) => boolean>> = {
  total: ({ totalNs }) => totalNs > 0,
  share: ({ share }) => Number.isFinite(share),
  threads: ({ threads }) => threads > 0,
  mean: ({ meanNs }) => meanNs > 0,
  p50: ({ p50Ns }) => Number.isFinite(p50Ns),
  p99: ({ p99Ns }) => Number.isFinite(p99Ns),
  max: ({ maxNs }) => Number.isFinite(maxNs),
  holder: ({ holder, holderFunction }) => holder !== "" || holderFunction !== "",
};

export const lockColumns = (table: LocksTable): readonly GridColumn<LockRow>[] =>
  allColumns(table).filter(({ id }) => {
    const isKnown = known[id];
    if (id === "share" && !(table.spanNs > 0)) return false;
    return isKnown === undefined || table.rows.some(isKnown);
  });

const allColumns = (table: LocksTable): readonly GridColumn<LockRow>[] => [
  {
    id: "lock",
    title: "Lock",
    track: "minmax(120px, 1fr)",
    sortable: true,
    cell: ({ lock, address }) => (
      <span className="truncate" title={[lock, address].filter(Boolean).join("\n")}>
        {lock}
      </span>
    ),
  },
  {
    id: "kind",
    title: "Kind",
    track: "minmax(96px, 0.6fr)",
    sortable: true,
    fromPx: 750,
    cell: ({ kind }) => <span className="truncate muted">{kind}</span>,
  },
  number("total", "Waited", ({ totalNs }) => time(totalNs)),
  {
    id: "share",
    title: "Of the run",
    track: "minmax(88px, 112px)",
    align: "end",
    sortable: true,
    fromPx: 580,
    cell: ({ share }) =>
      Number.isFinite(share) && table.spanNs > 0 ? <ShareCell value={share} whole={1} kind="total" /> : "–",
  },
  number("waits", "Waits", ({ waits }) => formatCount(waits)),
  number("threads", "Threads", ({ threads }) => (threads === 0 ? "–" : formatCount(threads)), 1160),
  number("mean", "Mean", ({ meanNs }) => time(meanNs), 930),
  number("p50", "p50", ({ p50Ns }) => time(p50Ns), 1280),
  number("p99", "p99", ({ p99Ns }) => time(p99Ns), 840),
  number("max", "Longest", ({ maxNs }) => time(maxNs), 670),
  {
    id: "holder",
    title: "Held by",
    track: "minmax(116px, 1.4fr)",
    fromPx: 480,
    cell: ({ holder, holderFunction }) => {
      const words = [holderFunction, holder].filter(Boolean).join(" · ");
      return (
        <span className="truncate" title={words}>
          {words === "" ? "–" : words}
        </span>
      );
    },
  },
];
