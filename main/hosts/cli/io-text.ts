import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type {
  AskerRow,
  DiskRow,
  IoRow,
  IoTable,
  OpenRow,
  RequestRow,
  ThreadIoRow,
} from "#core/model/tables.ts";
import { type Column, textTable, visible } from "./text-table.ts";

/** What one row of `flamewright io` is. */
export const ioKinds = ["call", "file", "peer", "stack", "open", "disk", "thread"] as const;
export type IoKind = (typeof ioKinds)[number];

/** What JSON has no number for is null. */
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
/** -1 is how the model says that nobody knows. */
const told = (value: number): number | null => (value < 0 ? null : value);

const rowJson = (row: IoRow) => ({
  name: row.name,
  calls: row.calls,
  errors: row.errors,
  totalNs: known(row.totalNs),
  meanNs: known(row.meanNs),
  p50Ns: known(row.p50Ns),
  p99Ns: known(row.p99Ns),
  maxNs: known(row.maxNs),
  bytes: row.bytes,
});

const openJson = (row: OpenRow) => ({
  pid: told(row.pid),
  process: row.process,
  fd: told(row.fd),
  slot: row.slot ?? "",
  kind: row.kind,
  name: row.name,
  access: row.access,
  open: row.isOpen,
  position: told(row.position),
  peer: row.peer,
  state: row.state,
  receiveQueue: told(row.receiveQueue),
  sendQueue: told(row.sendQueue),
  receivedBytes: told(row.receivedBytes),
  sentBytes: told(row.sentBytes),
  roundTripNs: told(row.roundTripNs),
  sizeBytes: row.sizeBytes ?? null,
  more: row.more ?? {},
  bytesPerSecond: known(row.bytesPerSecond),
});

const diskJson = ({ device, ...numbers }: DiskRow) => ({
  device,
  ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, known(value)])),
});

const requestJson = ({ histogram, queuedMeanNs, queuedMaxNs, ...row }: RequestRow) => ({
  ...row,
  queuedMeanNs: known(queuedMeanNs),
  queuedMaxNs: known(queuedMaxNs),
  histogram: Array.from(histogram),
});

const askerJson = (row: AskerRow) => ({ ...row, queuedMeanNs: known(row.queuedMeanNs) });

const threadJson = ({ name, pid, tid, readBytes, writtenBytes }: ThreadIoRow) => ({
  name,
  pid,
  tid,
  readBytes,
  writtenBytes,
});

/** The JSON contract of `io --json`: scripts rely on it, so nothing is renamed or taken away. */
export const ioJson = (table: IoTable) => ({
  spanNs: table.spanNs,
  calls: table.calls,
  errors: table.errors,
  totalNs: known(table.totalNs),
  rows: table.rows.map(rowJson),
  histogram: { limitsNs: table.bucketLimitsNs, calls: Array.from(table.histogram) },
  slowest: table.slowest.map(({ call, file, startNs, durationNs }) => ({ call, file, startNs, durationNs })),
  open: table.open.map(openJson),
  disks: table.disks.map(diskJson),
  requests: table.requests.map(requestJson),
  askers: table.askers.map(askerJson),
  askersAre: table.askersAre,
  threads: table.threads.map(threadJson),
  pageCacheMisses: table.misses,
});

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "");
const rate = (value: number): string => (Number.isFinite(value) ? formatCount(value) : "");
const bytesRate = (value: number): string => (Number.isFinite(value) ? `${formatBytes(value)}/s` : "");
const bytesIf = (value: number): string => (value < 0 ? "" : formatBytes(value));
const right = (title: string): Column => ({ title, align: "right" });
const left = (title: string): Column => ({ title, align: "left" });

const callLines = (table: IoTable, by: IoKind, width: number): readonly string[] =>
  textTable(
    [...["TOTAL", "CALLS", "ERRORS", "MEAN", "P99", "MAX", "BYTES"].map(right), left(by.toUpperCase())],
    table.rows.map((row) => [
      time(row.totalNs),
      formatCount(row.calls),
      row.errors === 0 ? "" : formatCount(row.errors),
      time(row.meanNs),
      time(row.p99Ns),
      time(row.maxNs),
      row.bytes === 0 ? "" : formatBytes(row.bytes),
      row.name,
    ]),
    width,
  );

function openLines(table: IoTable, width: number): readonly string[] {
  const processes = new Set(table.open.map(({ pid }) => pid));
  const hasSizes = table.open.some(({ sizeBytes }) => sizeBytes !== undefined);
  return textTable(
    [
      ...(processes.size > 1 ? [right("PID"), left("PROCESS")] : []),
      right("FD"),
      left("ACCESS"),
      ...(hasSizes ? [right("SIZE")] : []),
      right("RATE"),
      right("RECV-Q"),
      right("SEND-Q"),
      left("STATE"),
      left("NAME"),
    ],
    table.open.map((row) => [
      ...(processes.size > 1 ? [row.pid < 0 ? "" : String(row.pid), row.process] : []),
      row.fd < 0 ? (row.slot ?? "") : String(row.fd),
      row.access,
      ...(hasSizes ? [bytesIf(row.sizeBytes ?? -1)] : []),
      bytesRate(row.bytesPerSecond),
      bytesIf(row.receiveQueue),
      bytesIf(row.sendQueue),
      row.isOpen ? row.state : "closed",
      row.position > 0 ? `${row.name} at ${formatBytes(row.position)}` : row.name,
    ]),
    width,
  );
}

const diskLines = (table: IoTable, width: number): readonly string[] =>
  textTable(
    [left("DEVICE"), ...["R/S", "READ", "R-AWAIT", "W/S", "WRITTEN", "W-AWAIT", "QUEUE", "BUSY"].map(right)],
    table.disks.map((row) => [
      row.device,
      rate(row.readsPerSecond),
      bytesRate(row.readBytesPerSecond),
      time(row.readWaitNs),
      rate(row.writesPerSecond),
      bytesRate(row.writtenBytesPerSecond),
      time(row.writeWaitNs),
      rate(row.queue),
      Number.isFinite(row.busyShare) ? formatPercent(row.busyShare, 1) : "",
    ]),
    width,
  );

const requestLines = (table: IoTable, width: number): readonly string[] =>
  textTable(
    [
      left("DEVICE"),
      left("OPERATION"),
      ...["REQUESTS", "ERRORS", "TOTAL", "MEAN", "P99", "MAX", "QUEUED", "BYTES"].map(right),
      left(`${table.askersAre.toUpperCase()} BY`),
    ],
    table.requests.map((row) => [
      row.device,
      row.operation,
      formatCount(row.requests),
      row.errors === 0 ? "" : formatCount(row.errors),
      time(row.totalNs),
      time(row.meanNs),
      time(row.p99Ns),
      time(row.maxNs),
      time(row.queuedMeanNs),
      formatBytes(row.bytes),
      row.issuers
        .slice(0, 3)
        .map(({ name, requests }) => `${name} (${formatCount(requests)})`)
        .join(", "),
    ]),
    width,
  );

const askerLines = (table: IoTable, width: number): readonly string[] =>
  textTable(
    [
      ...["TOTAL", "REQUESTS", "MEAN", "P99", "MAX", "QUEUED", "BYTES", "PID"].map(right),
      left(`${table.askersAre.toUpperCase()} BY`),
      left("FROM"),
    ],
    table.askers.map((row) => [
      time(row.totalNs),
      formatCount(row.requests),
      time(row.meanNs),
      time(row.p99Ns),
      time(row.maxNs),
      time(row.queuedMeanNs),
      formatBytes(row.bytes),
      row.pid > 0 ? String(row.pid) : "",
      row.name,
      row.site,
    ]),
    width,
  );

const threadLines = (table: IoTable, width: number): readonly string[] =>
  textTable(
    [right("TID"), right("READ"), right("WRITTEN"), left("THREAD")],
    table.threads.map((row) => [
      String(row.tid),
      formatBytes(row.readBytes),
      formatBytes(row.writtenBytes),
      row.name,
    ]),
    width,
  );

/** One of the tables. */
export function linesBy(table: IoTable, by: IoKind, width: number): readonly string[] {
  if (by === "open") return openLines(table, width);
  if (by === "disk")
    return table.requests.length === 0
      ? diskLines(table, width)
      : [diskLines, requestLines, askerLines].flatMap((lines, index) => [
          ...(index === 0 ? [] : [""]),
          ...lines(table, width),
        ]);
  if (by === "thread") return threadLines(table, width);
  return callLines(table, by, width);
}

/** Whatever there is of a process: calls where they are recorded, what it has open, its threads, the disks. */
export function everyTable(table: IoTable, width: number): readonly string[] {
  const parts = [
    ...(table.rows.length > 0 ? [callLines(table, "call", width)] : []),
    ...(table.open.length > 0 ? [openLines(table, width)] : []),
    ...(table.threads.length > 0 ? [threadLines(table, width)] : []),
    ...(table.disks.length > 0 ? [linesBy(table, "disk", width)] : []),
  ];
  return parts.flatMap((part, index) => (index === 0 ? part : ["", ...part])).map(visible);
}
