import { formatPercent, formatValue } from "#core/base/numbers.ts";
import type { TimelineCounter, TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";

const timeUnits: readonly string[] = ["nanoseconds", "microseconds", "milliseconds", "seconds"];

/** Lanes of a time-like unit hold shares of one CPU; others hold values per bin. */
function isTimeLike(table: TimelineTable): boolean {
  return timeUnits.includes(table.unit);
}

/** The value that fills a lane's height: one CPU, or the greatest bin of all lanes. */
export function fullLane(table: TimelineTable): number {
  if (isTimeLike(table)) return 1;
  let greatest = 0;
  for (const lane of table.lanes) for (const value of lane.bins) if (value > greatest) greatest = value;
  return greatest > 0 ? greatest : 1;
}

/** A lane's value at a time, in words; empty outside of the bins. */
export function laneValueAt(
  table: TimelineTable,
  lane: Pick<TimelineLane, "bins" | "waiting" | "running">,
  timeNs: number,
): string {
  const value = binAt(table, lane.bins, timeNs);
  if (value === undefined) return "";
  if (!isTimeLike(table)) return formatValue(value, table.unit);
  const beside = table.showsWaits ? lane.running : lane.waiting;
  const other = beside === null ? undefined : binAt(table, beside, timeNs);
  const [runs, waits] = table.showsWaits ? [other, value] : [value, other];
  return [
    ...(runs === undefined ? [] : [`${formatPercent(runs, 1)} of a CPU`]),
    ...(waits === undefined ? [] : [`waits ${formatPercent(Math.min(1, waits), 1)}`]),
  ].join(", ");
}

export function binAt(table: TimelineTable, bins: Float32Array, timeNs: number): number | undefined {
  const span = table.endNs - table.startNs;
  if (!(span > 0) || timeNs < table.startNs || timeNs > table.endNs) return undefined;
  return bins[Math.min(bins.length - 1, Math.floor(((timeNs - table.startNs) / span) * bins.length))];
}

/** The newest value at or before a time; undefined before the first. */
export function counterAt(counter: TimelineCounter, timeNs: number): number | undefined {
  let low = 0;
  let high = counter.time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((counter.time[middle] ?? 0) <= timeNs) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : counter.value[low - 1];
}

export function lastOf(counter: TimelineCounter): number | undefined {
  return counter.value[counter.value.length - 1];
}

/** Counters that can be compared share a chart. */
export interface CounterGroup {
  readonly unit: string;
  readonly counters: readonly TimelineCounter[];
}

/** Lines that can still be told apart in one chart. */
const linesInChart = 4;

/** Bytes that were moved say nothing beside bytes that are held. */
const isMoved = (counter: TimelineCounter): boolean => counter.id.startsWith("io-");
/** Parts of what other lines show whole: the Memory view and the table have them. */
const details: ReadonlySet<string> = new Set([
  "file",
  "shmem",
  "heap-resident",
  "stack-resident",
  "faults",
  "major-faults",
  "heaptrack-rss",
]);

const isDetail = ({ id, value }: TimelineCounter): boolean =>
  details.has(id) || (id === "swap" && value.every((each) => each === 0));

/** A part of the memory, of its own size. */
const isHeap = (counter: TimelineCounter): boolean => counter.name.startsWith("JavaScript heap");

function groupOf(counter: TimelineCounter): string {
  if (isMoved(counter)) return "moved";
  if (isHeap(counter)) return "heap";
  return counter.unit === "bytes" ? "held" : counter.unit;
}
const firstGroups: readonly string[] = ["held", "heap", "percent", "moved"];

/** Those that the person put first, then the others as the table has them. */
export function inOrder(
  counters: readonly TimelineCounter[],
  order: readonly string[],
): readonly TimelineCounter[] {
  if (order.length === 0) return counters;
  const rank = ({ id }: TimelineCounter): number => {
    const at = order.indexOf(id);
    return at === -1 ? order.length : at;
  };
  return [...counters].sort((a, b) => rank(a) - rank(b));
}

/** In the order that the person gave them; else memory, heap, CPU and I/O first, then the others. */
export function counterGroups(
  all: readonly TimelineCounter[],
  order: readonly string[] = [],
): readonly CounterGroup[] {
  const counters = inOrder(all, order);
  const rank = (name: string): number => {
    const at = firstGroups.indexOf(name);
    return at === -1 ? firstGroups.length : at;
  };
  const found = [...new Set(counters.map(groupOf))];
  const names = order.length > 0 ? found : found.sort((a, b) => rank(a) - rank(b));
  const groups: CounterGroup[] = [];
  for (const name of names) {
    const same = counters.filter(
      (counter) => groupOf(counter) === name && counter.time.length > 0 && !isDetail(counter),
    );
    // What never was anything but zero needs no chart; the table twin has it.
    if (same.every((counter) => counter.value.every((value) => value === 0))) continue;
    for (let first = 0; first < same.length; first += linesInChart) {
      const shown = same.slice(first, first + linesInChart);
      groups.push({ unit: shown[0]?.unit ?? "", counters: shown });
    }
  }
  return groups;
}

/** What the cursor reads: the first two of each chart. */
export function readCounters(groups: readonly CounterGroup[]): readonly TimelineCounter[] {
  return groups.flatMap((group) => group.counters.slice(0, 2)).slice(0, 5);
}

const shortNames: Readonly<Record<string, string>> = {
  rss: "RSS",
  pss: "PSS",
  anon: "Anon",
  threads: "Threads",
  "io-read": "Read",
  "io-write": "Written",
};

/** A counter's name where there is little room. */
export function shortCounterName(counter: TimelineCounter): string {
  const known = shortNames[counter.id];
  if (known !== undefined) return known;
  const plain = plainName(counter.name).replace(/ \(.*\)$/, "");
  return plain.replace(/^JavaScript /, "JS ").replace(/^Private memory$/, "Private");
}

/** The value at the upper edge of a group's chart, a little above its greatest. */
export function groupTop({ counters, unit }: CounterGroup): number {
  let greatest = 0;
  for (const { value } of counters) for (const each of value) if (each > greatest) greatest = each;
  return axisTop(unit === "count" ? greatest + 1 : greatest * 1.04, unit);
}

/** Greatest value of the axis: 0, then 1, 1.5, 2, 3, 5 or 8 times a power of the unit's base, above what is shown. */
export function axisTop(greatest: number, unit: string): number {
  if (!(greatest > 0)) return 1;
  const base = unit === "bytes" ? 1024 : 10;
  const power = base ** Math.floor(Math.log(greatest) / Math.log(base));
  const steps =
    unit === "bytes"
      ? [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]
      : [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
  const step = steps.find((candidate) => candidate * power >= greatest * (1 - 1e-9)) ?? base;
  return step * power;
}
