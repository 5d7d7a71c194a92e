import { formatBytes, formatCount, formatDuration } from "#core/base/numbers.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import type { GridColumn } from "../../widgets/grid.tsx";
import { StatusMark } from "../../widgets/status.tsx";
import { sayAs } from "../../widgets/table-text.ts";
import { fullMoment, momentWords } from "../../widgets/time-words.ts";

function SessionState({ state }: { readonly state: SessionInfo["state"] }) {
  switch (state) {
    case "recording":
      return (
        <span className="session-live">
          <span className="live-dot" aria-hidden="true" />
          recording
        </span>
      );
    case "interrupted":
      return <StatusMark status="warn" word="interrupted" />;
    case "damaged":
      return <StatusMark status="fail" word="damaged" />;
    case "saved":
      return <span className="faint">saved</span>;
  }
}

sayAs(SessionState, ({ state }) => state);

/** What a session is found by: a line each, so that a pattern can say where it begins and ends. */
export const sessionText = ({ target, profiler, state, path }: SessionInfo): string =>
  [target, profiler, state, path].join("\n");

export const sessionColumns: readonly GridColumn<SessionInfo>[] = [
  {
    id: "target",
    sortable: true,
    title: "Target",
    track: "minmax(160px, 1fr)",
    cell: (session) => (
      <span className="session-target" title={session.path}>
        {session.target}
      </span>
    ),
  },
  {
    id: "started",
    sortable: true,
    title: "Recorded",
    track: "104px",
    cell: (session) => (
      <span title={fullMoment(session.startedAtMs)}>{momentWords(session.startedAtMs, Date.now())}</span>
    ),
  },
  {
    id: "profiler",
    sortable: true,
    title: "Profiler",
    track: "120px",
    cell: (session) => <span>{session.profiler}</span>,
  },
  {
    id: "duration",
    sortable: true,
    title: "Duration",
    track: "88px",
    align: "end",
    cell: (session) => (session.durationNs > 0 ? formatDuration(session.durationNs) : "–"),
  },
  {
    id: "samples",
    sortable: true,
    title: "Samples",
    track: "80px",
    align: "end",
    cell: (session) => (session.samples >= 0 ? formatCount(session.samples) : "–"),
  },
  {
    id: "size",
    sortable: true,
    title: "Size",
    track: "80px",
    align: "end",
    cell: (session) => formatBytes(session.sizeBytes),
  },
  {
    id: "state",
    sortable: true,
    title: "State",
    track: "104px",
    cell: (session) => <SessionState state={session.state} />,
  },
];
