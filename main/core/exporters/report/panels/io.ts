import { formatBytes, formatCount, formatCountOf, formatDuration } from "../../../base/numbers.ts";
import type { IoTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { panelOf } from "./report-panel.ts";

/** System calls, and the files and peers they were for; requests to disks, and who asked for them. */
export const io = panelOf(
  { id: "io", title: "I/O", isDefault: true, isInPicture: true },
  ({ answer, selection, mostRows }) => {
    const limit = Math.min(MOST_ROWS, mostRows);
    const calls = answer({ view: "io", selection, by: "call", limit });
    const requests = requestsOf(calls);
    if (calls.series === "" || calls.rows.length === 0) return requests;
    const files = answer({ view: "io", selection, by: "file", limit });
    const peers = answer({ view: "io", selection, by: "peer", limit });
    return [
      tableOf(calls, "Call", sumsOf(calls)),
      ...(files.rows.length > 0 ? [tableOf(files, "File", "By file.")] : []),
      ...(peers.rows.length > 0 ? [tableOf(peers, "Peer", "By peer.")] : []),
      ...slowestOf(calls),
      ...requests,
    ];
  },
);

const MOST_ROWS = 60;
const MOST_SLOW = 10;

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "–");

function sumsOf({ calls, errors, totalNs, rows, rowsInAll }: IoTable): string {
  const took = Number.isFinite(totalNs) ? `, ${formatDuration(totalNs)} in all` : "";
  const cut =
    rows.length < rowsInAll ? ` The first ${rows.length} of ${formatCountOf(rowsInAll, "row")}.` : "";
  return `${formatCountOf(calls, "call")}, ${formatCount(errors)} failed${took}; without those that only wait.${cut}`;
}

function tableOf({ rows, isTimed }: IoTable, title: string, caption: string): Block {
  const most = rows.reduce((largest, { totalNs }) => Math.max(largest, totalNs || 0), 0);
  const timed = isTimed
    ? ([
        { title: "Time", kind: "number", bars: rows.map(({ totalNs }) => (most > 0 ? totalNs / most : 0)) },
        { title: "Mean", kind: "number" },
        { title: "p99", kind: "number" },
        { title: "Longest", kind: "number" },
      ] as const)
    : [];
  return {
    kind: "table",
    caption,
    columns: [
      ...timed,
      { title: "Calls", kind: "number" },
      { title: "Failed", kind: "number" },
      { title: "Moved", kind: "number" },
      { title, kind: "name", keepEnd: title === "File" },
    ],
    rows: rows.map(({ name, calls, errors, totalNs, meanNs, p99Ns, maxNs, bytes }) => [
      ...(isTimed ? [time(totalNs), time(meanNs), time(p99Ns), time(maxNs)] : []),
      formatCount(calls),
      errors === 0 ? "–" : formatCount(errors),
      bytes === 0 ? "–" : formatBytes(bytes),
      name,
    ]),
  };
}

function slowestOf({ slowest }: IoTable): readonly Block[] {
  if (slowest.length === 0) return [];
  return [
    {
      kind: "table",
      caption: "The slowest calls.",
      columns: [
        { title: "Took", kind: "number" },
        { title: "At", kind: "number" },
        { title: "Call", kind: "name", weight: 0.4 },
        { title: "For", kind: "name", keepEnd: true },
      ],
      rows: slowest
        .slice(0, MOST_SLOW)
        .map(({ call, file, startNs, durationNs }) => [
          formatDuration(durationNs),
          formatDuration(startNs),
          call,
          file,
        ]),
    },
  ];
}

function requestsOf({ requests, askers, askersAre }: IoTable): readonly Block[] {
  if (requests.length === 0) return [];
  const numbers = (titles: readonly string[]) => titles.map((title) => ({ title, kind: "number" }) as const);
  const by = askersAre === "asked" ? "Asked by" : "Issued by";
  return [
    {
      kind: "table",
      caption: "Requests to disks.",
      columns: [
        ...numbers(["Requests", "Failed", "Mean", "p99", "Longest", "Queued before", "Bytes"]),
        { title: "Disk", kind: "name", weight: 0.4 },
        { title: "Asked", kind: "name", weight: 0.4 },
      ],
      rows: requests.map((row) => [
        formatCount(row.requests),
        row.errors === 0 ? "–" : formatCount(row.errors),
        ...[row.meanNs, row.p99Ns, row.maxNs, row.queuedMeanNs].map(time),
        row.bytes === 0 ? "–" : formatBytes(row.bytes),
        row.device,
        row.operation,
      ]),
    },
    {
      kind: "table",
      caption: `Who ${askersAre === "asked" ? "asked for them" : "issued them"}.`,
      columns: [
        ...numbers(["In all", "Requests", "Mean", "Bytes"]),
        { title: by, kind: "name", weight: 0.4 },
        { title: "From", kind: "name" },
      ],
      rows: askers
        .slice(0, MOST_SLOW)
        .map((row) => [
          formatDuration(row.totalNs),
          formatCount(row.requests),
          formatDuration(row.meanNs),
          row.bytes === 0 ? "–" : formatBytes(row.bytes),
          row.pid > 0 ? `${row.name} ${row.pid}` : row.name,
          row.site,
        ]),
    },
  ];
}
