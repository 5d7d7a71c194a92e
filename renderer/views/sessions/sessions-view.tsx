import { useEffect, useState } from "react";
import { formatBytes, formatCount, formatDuration } from "#core/base/numbers.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import type { App } from "../../app/app.ts";
import { searchFieldId } from "../../app/commands.ts";
import { copyTableAction } from "../../app/copy-table.ts";
import { overLimit, type SessionSort, sessionsBy, sortedSessions } from "../../app/store/sessions.ts";
import { countOfMatches, textSearch } from "../../app/text-search.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { Grid } from "../../widgets/grid.tsx";
import { Icon } from "../../widgets/icon.tsx";
import type { MenuPosition } from "../../widgets/picture.ts";
import { ProblemBox } from "../../widgets/status.tsx";
import { RecentFiles } from "./recent-files.tsx";
import { sessionColumns, sessionText } from "./session-columns.tsx";
import "./sessions.css";

export function SessionsView() {
  const app = useApp();
  const { store, actions } = app;
  const sessions = useAppState((state) => state.sessions);
  const problem = useAppState((state) => state.sessionsProblem);
  const selected = useAppState((state) => state.selectedSession);
  const folder = useAppState((state) => state.engine?.sessionFolder ?? "");
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<SessionSort>({ column: "started", descending: true });
  const [grid, setGrid] = useState<HTMLDivElement | null>(null);
  const { selectSession, showScreen } = store.getState();

  useEffect(() => {
    void actions.refreshRecent();
  }, [actions]);

  const all = sortedSessions(sessions ?? []);
  const { matches, problem: patternProblem } = textSearch(search);
  const searching = search.trim() !== "";
  const shown = sessionsBy(all, sort).filter((session) => matches(sessionText(session)));
  const recent = useAppState((state) => state.recentFiles);
  const shownRecent = recent.filter(({ title, path }) => matches(`${title}\n${path}`));
  const interrupted = all.filter((session) => session.state === "interrupted");
  const current = all.find((session) => session.sessionId === selected) ?? null;
  const open = (session: SessionInfo): void => void actions.openSession(session);

  return (
    <>
      <header className="screen-head">
        <h1>Sessions</h1>
        <SearchInput
          id={searchFieldId}
          label="Search sessions"
          placeholder="Words or /regex/"
          hint="/"
          value={search}
          problem={patternProblem}
          count={countOfMatches(search, shown.length + shownRecent.length, all.length + recent.length)}
          onChange={setSearch}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown" && event.key !== "Enter") return;
            event.preventDefault();
            const [first] = shown;
            if (!current && first) selectSession(first.sessionId);
            grid?.focus();
          }}
        />
        <span className="spacer" />
        <Button icon="open" onClick={() => void actions.openDialog()}>
          Open file…
        </Button>
        <Button icon="trash" disabled={!current} onClick={() => current && actions.deleteSession(current)}>
          Delete…
        </Button>
        <Button look="primary" disabled={!current} onClick={() => current && open(current)}>
          {current?.state === "interrupted" ? "Recover" : "Open"}
        </Button>
      </header>
      {problem ? <ProblemBox problem={problem} /> : null}
      {interrupted.length > 0 ? <Interrupted sessions={interrupted} onOpen={open} /> : null}
      <OverLimit sessions={all} />
      <div className="sessions">
        {shown.length > 0 ? (
          <Grid
            label="Sessions"
            testId="sessions"
            columns={sessionColumns}
            rows={shown}
            rowKey={(session) => session.sessionId}
            selectedKey={selected}
            onSelect={(session) => selectSession(session.sessionId)}
            onActivate={open}
            onDelete={(session) => actions.deleteSession(session)}
            onMenu={(session, x, y) => openSessionMenu(app, session, { x, y })}
            sort={sort}
            onSort={(column) => setSort((now) => nextSort(now, column))}
            gridRef={setGrid}
          />
        ) : sessions === null ? (
          problem ? null : (
            <EmptyState busy title="Reading the sessions…" />
          )
        ) : (
          <EmptyState
            icon="sessions"
            title={searching ? `No session matches “${search}”` : "No sessions yet"}
            actions={
              searching ? (
                <Button onClick={() => setSearch("")}>Clear the search</Button>
              ) : (
                <Button look="primary" icon="target" onClick={() => showScreen("targets")}>
                  Pick a target
                </Button>
              )
            }
          >
            {searching ? "" : "What you record is saved here by itself, also when something goes wrong."}
          </EmptyState>
        )}
        <RecentFiles files={shownRecent} />
      </div>
      <footer className="list-foot">
        <span>
          {formatCount(all.length)} {all.length === 1 ? "session" : "sessions"} ·{" "}
          {formatBytes(all.reduce((sum, session) => sum + session.sizeBytes, 0))}
        </span>
        <span className="truncate faint selectable" title={folder}>
          {folder}
        </span>
      </footer>
    </>
  );
}

/** Again on the same column turns it round; numbers and times begin with the most. */
const nextSort = (now: SessionSort, column: string): SessionSort => ({
  column,
  descending: now.column === column ? !now.descending : !["target", "profiler", "state"].includes(column),
});

/** The same as the buttons above, and what can be copied. */
function openSessionMenu({ store, actions, shell }: App, session: SessionInfo, at: MenuPosition): void {
  const { path, target, state } = session;
  store.getState().openMenu({
    ...at,
    heading: target,
    actions: [
      {
        id: "open",
        title: state === "interrupted" ? "Recover" : "Open",
        keys: "Enter",
        run: () => void actions.openSession(session),
      },
      ...(shell.kind === "desktop"
        ? [{ id: "folder", title: "Show in the folder", run: () => shell.showInFolder(path) }]
        : []),
      {
        id: "copy-path",
        title: "Copy the path",
        icon: "copy",
        separated: true,
        run: () => actions.copy(path, "the path"),
      },
      copyTableAction({ store, actions }),
      {
        id: "delete",
        title: "Delete…",
        keys: "Delete",
        icon: "trash",
        danger: true,
        separated: true,
        run: () => actions.deleteSession(session),
      },
    ],
  });
}

/** Sessions take more disk than was allowed: the oldest are offered for deletion, and nothing goes by itself. */
function OverLimit({ sessions }: { readonly sessions: readonly SessionInfo[] }) {
  const { actions } = useApp();
  const limitBytes = useAppState((state) => state.settings?.sessionLimitBytes ?? 0);
  const oldest = overLimit(sessions, limitBytes);
  if (oldest.length === 0) return null;
  const size = (some: readonly SessionInfo[]): number =>
    some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const words =
    oldest.length === 1 ? "the oldest session" : `the ${formatCount(oldest.length)} oldest sessions`;
  return (
    <section className="interrupted" aria-label="Sessions take more disk than allowed">
      <div className="interrupted-row">
        <Icon name="warn" />
        <p>
          Sessions take <b>{formatBytes(size(sessions))}</b>, more than the {formatBytes(limitBytes)} that you
          allowed.{" "}
          <span className="muted">
            Without {words} ({formatBytes(size(oldest))}) they fit.
          </span>
        </p>
        <Button small onClick={() => actions.deleteSessions(oldest)}>
          Delete {words}…
        </Button>
      </div>
    </section>
  );
}

/** Recordings that were cut off: they stand above everything until they are opened or deleted. */
function Interrupted({
  sessions,
  onOpen,
}: {
  readonly sessions: readonly SessionInfo[];
  readonly onOpen: (session: SessionInfo) => void;
}) {
  const { actions } = useApp();
  return (
    <section className="interrupted" aria-label="Interrupted recordings">
      {sessions.map((session) => (
        <div key={session.sessionId} className="interrupted-row">
          <Icon name="warn" />
          <p>
            <b>{session.target}</b> was being recorded when Flamewright ended.{" "}
            <span className="muted">
              {session.durationNs > 0 ? `${formatDuration(session.durationNs)} of it ` : "What had arrived "}
              can be recovered.
            </span>
          </p>
          <Button small onClick={() => onOpen(session)}>
            Recover
          </Button>
          <Button small look="quiet" onClick={() => actions.deleteSession(session)}>
            Delete…
          </Button>
        </div>
      ))}
    </section>
  );
}
