import { formatBytes, formatCount } from "#core/base/numbers.ts";
import type { TargetRow } from "../../app/store/target-order.ts";
import type { GridColumn } from "../../widgets/grid.tsx";
import { sayAs } from "../../widgets/table-text.ts";
import { fullMoment, momentWords } from "../../widgets/time-words.ts";

const runtimeNames: Readonly<Record<TargetRow["runtime"], string>> = {
  native: "native",
  node: "Node",
  python: "Python",
  java: "Java",
  go: "Go",
  ruby: "Ruby",
  kernel: "kernel",
  unknown: "–",
};

export function RuntimeBadge({ runtime }: { readonly runtime: TargetRow["runtime"] }) {
  return runtime === "unknown" ? (
    <span className="faint">–</span>
  ) : (
    <span className={`badge runtime ${runtime}`}>{runtimeNames[runtime]}</span>
  );
}

sayAs(RuntimeBadge, ({ runtime }) => runtimeNames[runtime]);

/** The arguments without the program, which the name already says. */
const argumentsOf = ({ command }: TargetRow): string => {
  const space = command.indexOf(" ");
  return space < 0 ? "" : command.slice(space + 1);
};

export const cpuText = (cpuPercent: number): string => `${cpuPercent.toFixed(1)}\u00a0%`;

export const targetColumns: readonly GridColumn<TargetRow>[] = [
  {
    id: "name",
    title: "Name",
    track: "minmax(160px, 1fr)",
    sortable: true,
    cell: (row) => (
      <span title={row.command || row.name}>
        <span className="target-name">{row.name}</span>
        {row.gone ? <span className="badge">ended</span> : <span className="faint"> {argumentsOf(row)}</span>}
      </span>
    ),
  },
  {
    id: "runtime",
    title: "Runtime",
    track: "64px",
    sortable: true,
    cell: (row) => <RuntimeBadge runtime={row.runtime} />,
  },
  { id: "pid", title: "PID", track: "60px", align: "end", sortable: true, cell: (row) => row.pid },
  {
    id: "cpu",
    title: "CPU",
    track: "60px",
    align: "end",
    sortable: true,
    cell: (row) => <span className={row.cpuPercent < 0.05 ? "faint" : ""}>{cpuText(row.cpuPercent)}</span>,
  },
  {
    id: "memory",
    title: "Memory",
    track: "72px",
    align: "end",
    sortable: true,
    cell: (row) => (row.runtime === "kernel" ? <span className="faint">–</span> : formatBytes(row.rssBytes)),
  },
  {
    id: "threads",
    title: "Threads",
    track: "60px",
    align: "end",
    fromPx: 700,
    sortable: true,
    cell: (row) => formatCount(row.threads),
  },
  {
    id: "user",
    title: "User",
    track: "84px",
    fromPx: 620,
    sortable: true,
    cell: (row) => <span>{row.user}</span>,
  },
  {
    id: "started",
    title: "Started",
    track: "92px",
    fromPx: 840,
    sortable: true,
    cell: (row) => (
      <span title={fullMoment(row.startedAtMs)}>{momentWords(row.startedAtMs, Date.now())}</span>
    ),
  },
  {
    id: "container",
    title: "Container",
    track: "110px",
    fromPx: 980,
    sortable: true,
    cell: (row) => <span title={row.container}>{row.container}</span>,
  },
];
