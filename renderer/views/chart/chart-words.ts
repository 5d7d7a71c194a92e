import { formatCountOf, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type { ChartTable } from "#core/model/tables.ts";
import { placeText, plainName } from "../../widgets/function-text.ts";

const spanOf = ({ start, end }: ChartTable, row: number): number => (end[row] ?? 0) - (start[row] ?? 0);

function whenWords(table: ChartTable, row: number): string {
  return `${formatDuration(spanOf(table, row))} from ${formatDuration(table.start[row] ?? 0)}`;
}

/** One line about a box, for the foot of the picture. */
export function sliceWords(table: ChartTable, row: number): string {
  const when = whenWords(table, row);
  if ((table.function[row] ?? -1) < 0)
    return `${formatCountOf(table.merged[row] ?? 0, "call")} too short to draw · ${when}`;
  const place = placeText(table, row);
  return [plainName(table.strings[table.name[row] ?? -1] ?? ""), when, place].filter(Boolean).join(" · ");
}

/** The same box among others: its share of what is shown, of its caller, and its function's share of the thread. */
export function sliceLines(table: ChartTable, row: number): readonly string[] {
  const lane = table.lanes[table.lane[row] ?? -1];
  const all = table.endNs - table.startNs;
  const func = table.function[row] ?? -1;
  const lines = [
    func < 0
      ? `${formatCountOf(table.merged[row] ?? 0, "call")} too short to draw`
      : plainName(table.strings[table.name[row] ?? -1] ?? ""),
    whenWords(table, row),
    `${formatPercent(spanOf(table, row), all)} of the ${formatDuration(all)} that are shown`,
  ];
  const caller = callerOf(table, row);
  if (caller >= 0) {
    const name = plainName(table.strings[table.name[caller] ?? -1] ?? "");
    lines.push(`${formatPercent(spanOf(table, row), spanOf(table, caller))} of this call of ${name}`);
  }
  const ofThread = func < 0 ? [] : slicesOf(table, row);
  if (lane && ofThread.length > 1) {
    const sum = coveredNs(table, ofThread);
    lines.push(
      `${formatCountOf(ofThread.length, "time")} ${lane.thread < 0 ? "in all" : `in ${plainName(lane.name) || "this thread"}`}: ${formatDuration(sum)}, ${formatPercent(sum, all)}`,
    );
  }
  const place = placeText(table, row);
  return place === "" || func < 0 ? lines : [...lines, place];
}

const sameLane = (table: ChartTable, row: number): readonly [from: number, to: number] => {
  const lane = table.lanes[table.lane[row] ?? -1];
  return lane ? [lane.firstSlice, lane.firstSlice + lane.slices] : [0, 0];
};

/** The box above it that holds its beginning; -1 for the outermost. */
function callerOf(table: ChartTable, row: number): number {
  const [from, to] = sameLane(table, row);
  const depth = (table.depth[row] ?? 0) - 1;
  const start = table.start[row] ?? 0;
  for (let each = from; each < to; each++)
    if (table.depth[each] === depth && (table.start[each] ?? 0) <= start && start < (table.end[each] ?? 0))
      return (table.function[each] ?? -1) < 0 ? -1 : each;
  return -1;
}

/** Every box of its function in its thread, in the order of time. */
function slicesOf(table: ChartTable, row: number): readonly number[] {
  const [from, to] = sameLane(table, row);
  const found: number[] = [];
  for (let each = from; each < to; each++) if (table.function[each] === table.function[row]) found.push(each);
  return found.sort((a, b) => (table.start[a] ?? 0) - (table.start[b] ?? 0));
}

/** Time that is covered by any of them: a function that calls itself is counted once. */
function coveredNs(table: ChartTable, inOrder: readonly number[]): number {
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const row of inOrder) {
    const end = table.end[row] ?? 0;
    if (end <= until) continue;
    sum += end - Math.max(until, table.start[row] ?? 0);
    until = end;
  }
  return sum;
}
