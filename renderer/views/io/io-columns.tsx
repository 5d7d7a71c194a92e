import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import { diskValues, openValues, threadValues } from "#core/model/io-order.ts";
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
const rate = (value: number): string => (Number.isFinite(value) ? formatCount(value) : "–");
const queue = (bytes: number): string => (Number.isFinite(bytes) ? formatBytes(bytes) : "–");

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

const text = <T,>(
  id: string,
  title: string,
  track: string,
  words: (row: T) => string,
  fromPx = 0,
): GridColumn<T> => ({
  id,
  title,
  track,
  sortable: true,
  fromPx,
  cell: (row) => nameCell(words(row) || "–"),
});

const number = <T,>(
  id: string,
  title: string,
  value: (row: T) => number,
  words: (value: number) => string,
  fromPx = 0,
): GridColumn<T> => ({
  id,
  title,
  track: "88px",
  align: "end",
  sortable: true,
  fromPx,
  cell: (row) => words(value(row)),
});

const openColumns: readonly GridColumn<OpenRow>[] = [
  text("name", "File or socket", "minmax(140px, 1fr)", openValues.name),
  text("process", "Process", "112px", openValues.process, 640),
  text("fd", "Number", "60px", ({ fd, slot = "" }) => (fd < 0 ? slot : String(fd)), 560),
  text("kind", "Kind", "64px", openValues.kind, 900),
  text("access", "Open to", "72px", ({ access }) => accessWords[access] ?? "", 980),
  text("state", "State", "104px", openValues.state, 480),
  number("queued", "To be read", openValues.queued, queue, 820),
  number("sending", "To be sent", openValues.sending, queue, 740),
  number("position", "Stands at", openValues.position, queue, 860),
  number("size", "Size", openValues.size, queue, 700),
  number("received", "Received", openValues.received, queue, 1020),
  number("sent", "Sent", openValues.sent, queue, 1110),
  number("rate", "Rate", openValues.rate, bytesRate),
];

/** Where all is of one process its name says nothing. */
export const openColumnsOf = (rows: readonly OpenRow[]): readonly GridColumn<OpenRow>[] =>
  rows.every(({ pid }) => pid === rows[0]?.pid)
    ? openColumns.filter(({ id }) => id !== "process")
    : openColumns;

export const accessWords: Readonly<Record<string, string>> = { r: "read", w: "write", rw: "both" };

export const diskColumns: readonly GridColumn<DiskRow>[] = [
  text("device", "Disk", "minmax(72px, 1fr)", diskValues.device),
  number("reads", "Reads /s", diskValues.reads, rate, 480),
  number("read", "Read", diskValues.read, bytesRate),
  number("read-wait", "Read waits", diskValues["read-wait"], time, 660),
  number("writes", "Writes /s", diskValues.writes, rate, 570),
  number("written", "Written", diskValues.written, bytesRate),
  number("write-wait", "Write waits", diskValues["write-wait"], time, 750),
  number("queue", "In flight", diskValues.queue, rate, 840),
  number("busy", "Busy", diskValues.busy, share),
  number("most", "At most", diskValues.most, share, 920),
];

function share(value: number): string {
  return Number.isFinite(value) ? formatPercent(value, 1) : "–";
}

export const threadColumns: readonly GridColumn<ThreadIoRow>[] = [
  text("name", "Thread", "minmax(120px, 1fr)", threadValues.name),
  { ...number<ThreadIoRow>("tid", "Number", threadValues.tid, String), track: "76px" },
  number("read", "Read", threadValues.read, formatBytes),
  number("written", "Written", threadValues.written, formatBytes),
];
