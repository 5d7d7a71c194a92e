import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type { IoQuery } from "#core/model/query.ts";
import type { DiskRow, IoRow, IoTable, OpenRow, ThreadIoRow } from "#core/model/tables.ts";
import type { GridColumn } from "../../widgets/grid.tsx";

/** What one row of the I/O view is. */
export type IoKind = IoQuery["by"] | "open" | "disk" | "thread";

export const isOfCalls = (kind: IoKind): kind is IoQuery["by"] =>
  kind !== "open" && kind !== "disk" && kind !== "thread";

const titles: Readonly<Record<IoQuery["by"], string>> = {
  call: "Call",
  file: "File",
  peer: "Peer",
  stack: "Caller",
};

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "–");
const bytesRate = (value: number): string => (Number.isFinite(value) ? `${formatBytes(value)}/s` : "–");
const rate = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : "–");
const queue = (bytes: number): string => (bytes < 0 ? "–" : formatBytes(bytes));

const nameCell = (name: string) => (
  <span className="truncate" title={name}>
    {name}
  </span>
);

export function callColumns(table: IoTable, by: IoQuery["by"]): readonly GridColumn<IoRow>[] {
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
      cell: ({ name }) => nameCell(name),
    },
    ...timed,
    number("calls", "Calls", ({ calls }) => formatCount(calls)),
    number("errors", "Failed", ({ errors }) => (errors === 0 ? "–" : formatCount(errors)), 800),
    number("bytes", "Moved", ({ bytes }) => (bytes === 0 ? "–" : formatBytes(bytes)), 440),
  ];
}

/** A column of a table that is sorted on the page: it is whole there. */
export interface SortedColumn<T> extends GridColumn<T> {
  readonly value: (row: T) => number | string;
}

const text = <T,>(
  id: string,
  title: string,
  track: string,
  value: (row: T) => string,
  fromPx = 0,
): SortedColumn<T> => ({
  id,
  title,
  track,
  sortable: true,
  fromPx,
  value,
  cell: (row) => nameCell(value(row) || "–"),
});

const number = <T,>(
  id: string,
  title: string,
  value: (row: T) => number,
  words: (value: number) => string,
  fromPx = 0,
): SortedColumn<T> => ({
  id,
  title,
  track: "88px",
  align: "end",
  sortable: true,
  fromPx,
  value,
  cell: (row) => words(value(row)),
});

export const openColumns: readonly SortedColumn<OpenRow>[] = [
  {
    id: "name",
    title: "File or socket",
    track: "minmax(140px, 1fr)",
    sortable: true,
    value: ({ name }) => name,
    cell: ({ name }) => nameCell(name),
  },
  text("process", "Process", "112px", ({ process, pid }) => (pid < 0 ? "" : `${process} ${pid}`.trim()), 640),
  text("number", "Number", "60px", ({ fd, slot = "" }) => (fd < 0 ? slot : String(fd)), 560),
  text("kind", "Kind", "64px", ({ kind }) => kind, 900),
  text("access", "Open to", "72px", ({ access }) => accessWords[access] ?? "", 980),
  text("state", "State", "104px", ({ isOpen, state }) => (isOpen ? state : "closed"), 480),
  number("queued", "To be read", ({ receiveQueue }) => receiveQueue, queue, 820),
  number("sending", "To be sent", ({ sendQueue }) => sendQueue, queue, 740),
  number("position", "Stands at", ({ position }) => position, queue, 1180),
  number("size", "Size", ({ sizeBytes = -1 }) => sizeBytes, queue, 1060),
  number("received", "Received", ({ receivedBytes }) => receivedBytes, queue, 1280),
  number("sent", "Sent", ({ sentBytes }) => sentBytes, queue, 1370),
  number("rate", "Rate", ({ bytesPerSecond }) => bytesPerSecond, bytesRate),
];

const accessWords: Readonly<Record<string, string>> = { r: "read", w: "write", rw: "both" };

export const diskColumns: readonly SortedColumn<DiskRow>[] = [
  text("device", "Disk", "minmax(72px, 1fr)", ({ device }) => device),
  number("reads", "Reads /s", ({ readsPerSecond }) => readsPerSecond, rate, 480),
  number("read", "Read", ({ readBytesPerSecond }) => readBytesPerSecond, bytesRate),
  number("read-wait", "Read waits", ({ readWaitNs }) => readWaitNs, time, 660),
  number("writes", "Writes /s", ({ writesPerSecond }) => writesPerSecond, rate, 570),
  number("written", "Written", ({ writtenBytesPerSecond }) => writtenBytesPerSecond, bytesRate),
  number("write-wait", "Write waits", ({ writeWaitNs }) => writeWaitNs, time, 750),
  number("queue", "In flight", ({ queue: requests }) => requests, rate, 840),
  number("busy", "Busy", ({ busyShare }) => busyShare, share),
  number("most", "At most", ({ mostBusyShare }) => mostBusyShare, share, 920),
];

function share(value: number): string {
  return Number.isFinite(value) ? formatPercent(value, 1) : "–";
}

export const threadColumns: readonly SortedColumn<ThreadIoRow>[] = [
  text("name", "Thread", "minmax(120px, 1fr)", ({ name }) => name),
  { ...number<ThreadIoRow>("tid", "Number", ({ tid }) => tid, String), track: "76px" },
  number("read", "Read", ({ readBytes }) => readBytes, formatBytes),
  number("written", "Written", ({ writtenBytes }) => writtenBytes, formatBytes),
];

/** In the order of a column; what is not known comes last. */
export function sortedBy<T>(rows: readonly T[], column: SortedColumn<T>, descending: boolean): readonly T[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const left = column.value(a);
    const right = column.value(b);
    if (typeof left === "string" || typeof right === "string")
      return sign * (String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0);
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  });
}
