import type { Problem } from "#core/base/result.ts";
import type { RecentFile } from "#core/contract.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import type { GridSort } from "../../widgets/grid.tsx";
import type { Slice } from "./types.ts";

export interface SessionsSlice {
  /** null until the first list came. */
  readonly sessions: readonly SessionInfo[] | null;
  readonly sessionsProblem: Problem | null;
  readonly recentFiles: readonly RecentFile[];
  readonly selectedSession: string | null;
  readonly setSessions: (sessions: readonly SessionInfo[]) => void;
  readonly setSessionsProblem: (problem: Problem) => void;
  readonly setRecentFiles: (recentFiles: readonly RecentFile[]) => void;
  readonly selectSession: (sessionId: string | null) => void;
}

export const sessionsSlice: Slice<SessionsSlice> = (set) => ({
  sessions: null,
  sessionsProblem: null,
  recentFiles: [],
  selectedSession: null,
  setSessions: (sessions) => set({ sessions, sessionsProblem: null }),
  setSessionsProblem: (sessionsProblem) => set({ sessionsProblem }),
  setRecentFiles: (recentFiles) => set({ recentFiles }),
  selectSession: (selectedSession) => set({ selectedSession }),
});

/** Newest first; those that need a decision before all others. */
export function sortedSessions(sessions: readonly SessionInfo[]): readonly SessionInfo[] {
  const urgent = (session: SessionInfo): number => (session.state === "interrupted" ? 0 : 1);
  return [...sessions].sort((a, b) => urgent(a) - urgent(b) || b.startedAtMs - a.startedAtMs);
}

/** By a column of their table. */
export type SessionSort = GridSort;

const compare: Readonly<Record<string, (a: SessionInfo, b: SessionInfo) => number>> = {
  target: (a, b) => a.target.localeCompare(b.target, "en"),
  profiler: (a, b) => a.profiler.localeCompare(b.profiler, "en"),
  duration: (a, b) => a.durationNs - b.durationNs,
  samples: (a, b) => a.samples - b.samples,
  size: (a, b) => a.sizeBytes - b.sizeBytes,
  state: (a, b) => a.state.localeCompare(b.state, "en"),
};

/** Sessions in the order of a column; as they come, which is newest first, for all others. */
export function sessionsBy(
  sessions: readonly SessionInfo[],
  { column, descending }: SessionSort,
): readonly SessionInfo[] {
  const order = compare[column];
  if (order) return [...sessions].sort((a, b) => (descending ? order(b, a) : order(a, b)));
  return descending ? sessions : sessions.toReversed();
}

/** The oldest saved sessions without which the others fit into the limit; none where they do, or where 0 says no limit. */
export function overLimit(sessions: readonly SessionInfo[], limitBytes: number): readonly SessionInfo[] {
  let over = limitBytes === 0 ? 0 : sessions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - limitBytes;
  const oldest = sessions
    .filter(({ state }) => state === "saved")
    .sort((a, b) => a.startedAtMs - b.startedAtMs);
  return oldest.filter(({ sizeBytes }) => {
    const isToGo = over > 0;
    if (isToGo) over -= sizeBytes;
    return isToGo;
  });
}
