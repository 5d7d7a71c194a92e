import type { ListedTarget } from "#core/model/recording.ts";
import type { GridSort } from "../../widgets/grid.tsx";
import { textSearch } from "../text-search.ts";

/** A row of the list of processes; `gone`: it ended while the order was held. */
export interface TargetRow extends ListedTarget {
  readonly gone: boolean;
}

const compare: Readonly<Record<string, (a: ListedTarget, b: ListedTarget) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name, "en"),
  pid: (a, b) => a.pid - b.pid,
  user: (a, b) => a.user.localeCompare(b.user, "en"),
  cpu: (a, b) => a.cpuPercent - b.cpuPercent,
  memory: (a, b) => a.rssBytes - b.rssBytes,
  threads: (a, b) => a.threads - b.threads,
  started: (a, b) => a.startedAtMs - b.startedAtMs,
  container: (a, b) => a.container.localeCompare(b.container, "en"),
  runtime: (a, b) => a.runtime.localeCompare(b.runtime, "en"),
};

/** Numbers are first asked for from the top, words from A. */
export const descendsFirst = (column: string): boolean =>
  ["cpu", "memory", "threads", "started"].includes(column);

/** A line each, so that a pattern can say where a field begins and ends. */
const searchedText = ({ name, command, pid, user, container, runtime }: ListedTarget): string =>
  [name, command, pid, user, container, runtime].join("\n");

/** A process is itself only with its start: a pid can be used again. */
const identity = (target: ListedTarget): string => `${target.pid}@${target.startedAtMs}`;

/**
 * The rows to show. With `held` the rows keep the places they had, so that none moves under the pointer: the values
 * change, what ended stays in its place as gone, what is new comes at the end.
 */
export function arrangeTargets(
  before: readonly TargetRow[],
  targets: readonly ListedTarget[],
  sort: GridSort,
  search: string,
  held: boolean,
): readonly TargetRow[] {
  const { matches } = textSearch(search);
  const wanted = targets.filter((target) => matches(searchedText(target)));
  if (held) {
    const now = new Map(targets.map((target) => [identity(target), target]));
    const kept = before.map((row): TargetRow => {
      const current = now.get(identity(row));
      return current ? { ...current, gone: false } : { ...row, cpuPercent: 0, gone: true };
    });
    const known = new Set(before.map(identity));
    const fresh = wanted.filter((target) => !known.has(identity(target)));
    return [...kept, ...fresh.map((target) => ({ ...target, gone: false }))];
  }
  const order = compare[sort.column] ?? ((a, b) => a.pid - b.pid);
  const sign = sort.descending ? -1 : 1;
  return wanted
    .map((target) => ({ ...target, gone: false }))
    .sort((a, b) => sign * order(a, b) || a.pid - b.pid);
}
