import { formatCount, formatCountOf, formatDuration, formatPercent } from "../../../base/numbers.ts";
import type { LockRow, LocksTable } from "../../../model/tables.ts";
import type { Block } from "../blocks.ts";
import { panelOf } from "./report-panel.ts";

/** Who waited for which lock, how long, and who held it. */
export const locks = panelOf(
  { id: "locks", title: "Locks", isDefault: true, isInPicture: true },
  ({ answer, selection, mostRows }) => {
    const table = answer({ view: "locks", selection, limit: Math.min(MOST_LOCKS, mostRows) });
    return table.isRecorded ? blocksOf(table) : [];
  },
);

const MOST_LOCKS = 100;

const time = (ns: number): string => (Number.isFinite(ns) ? formatDuration(ns) : "–");

function blocksOf(table: LocksTable): readonly Block[] {
  const { rows, rowsInAll, waits, totalNs, idle, deadlocks } = table;
  const hidden =
    idle.locks > 0
      ? ` Waiting for work is left out: ${formatCountOf(idle.waits, "wait")}, ${formatDuration(idle.totalNs)}.`
      : "";
  const cut =
    rows.length < rowsInAll ? ` The first ${rows.length} of ${formatCountOf(rowsInAll, "lock")}.` : "";
  const caption = `${formatCountOf(waits, "wait")}, ${formatDuration(totalNs)} in all threads.${hidden}${cut}`;
  const rings = deadlocks.map((cycle): Block => ({ kind: "words", text: `Deadlock: ${cycle}` }));
  if (rows.length === 0) return [...rings, { kind: "words", text: caption }];
  return [
    ...rings,
    {
      kind: "table",
      caption,
      columns: [
        { title: "Waited", kind: "number" },
        { title: "Of the run", kind: "number", bars: rows.map(({ share }) => (share > 0 ? share : 0)) },
        { title: "Waits", kind: "number" },
        { title: "Mean", kind: "number" },
        { title: "p99", kind: "number" },
        { title: "Longest", kind: "number" },
        { title: "Lock", kind: "name" },
        { title: "Kind", kind: "words", weight: 0.5, isDim: true },
        { title: "Waiting", kind: "name", weight: 0.7 },
        { title: "Held by", kind: "name", weight: 0.9 },
      ],
      rows: rows.map(cellsOf),
    },
  ];
}

const cellsOf = (row: LockRow): readonly string[] => [
  time(row.totalNs),
  Number.isFinite(row.share) ? formatPercent(row.share, 1) : "–",
  formatCount(row.waits),
  time(row.meanNs),
  time(row.p99Ns),
  time(row.maxNs),
  row.lock,
  row.kind,
  row.waiter,
  [row.holderFunction, row.holder].filter(Boolean).join(" · ") || "–",
];
