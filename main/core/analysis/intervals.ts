import { deviceCategory } from "../model/block-requests.ts";
import { descriptorCategory } from "../model/descriptors.ts";
import type { Profile } from "../model/profile.ts";
import type { TimelineInterval, TimelineIntervalLane } from "../model/tables.ts";
import type { Bins } from "./lanes.ts";
import { threadLabel } from "./lanes.ts";

/** Marks are drawn over all lanes; they have none of their own. */
export const MARK_CATEGORY = "mark";
/** Names of a lane that are summed up. */
const MOST_NAMES = 12;

interface Group {
  readonly category: number;
  readonly thread: number;
  readonly rows: number[];
  totalNs: number;
}

/**
 * A lane for each thread and category of what the profile knows to have lasted from then to then: collections, locks,
 * system calls. What is too short for a bin is joined with its neighbours, so that a lane has no more boxes than bins.
 */
export function intervalLanes(
  profile: Profile,
  bins: Bins,
  maxLanes: number,
): { readonly lanes: readonly TimelineIntervalLane[]; readonly lanesInAll: number } {
  const groups = groupsOf(profile, bins);
  const busiest = [...groups.values()].sort(
    (a, b) => b.totalNs - a.totalNs || b.rows.length - a.rows.length || a.thread - b.thread,
  );
  return {
    lanes: busiest.slice(0, maxLanes).map((group) => laneOf(profile, bins, group)),
    lanesInAll: groups.size,
  };
}

/** An interval that had not ended goes on to the end of the profile. */
const endOf = ({ intervals, meta }: Profile, row: number): number =>
  Number.isNaN(intervals.end[row]) ? Math.max(meta.durationNs, intervals.start[row]) : intervals.end[row];

function groupsOf(profile: Profile, bins: Bins): Map<number, Group> {
  const { intervals, strings, threads } = profile;
  const groups = new Map<number, Group>();
  const apart = new Set(
    [MARK_CATEGORY, descriptorCategory, deviceCategory].map((each) => strings.indexOf(each)),
  );
  for (let row = 0; row < intervals.length; row++) {
    const start = intervals.start[row];
    const end = endOf(profile, row);
    if (start > bins.endNs || end < bins.startNs || apart.has(intervals.category[row])) continue;
    const thread = intervals.thread[row];
    const key = (intervals.category[row] + 1) * (threads.length + 1) + thread + 1;
    let group = groups.get(key);
    if (group === undefined) {
      group = { category: intervals.category[row], thread, rows: [], totalNs: 0 };
      groups.set(key, group);
    }
    group.rows.push(row);
    group.totalNs += Math.min(end, bins.endNs) - Math.max(start, bins.startNs);
  }
  return groups;
}

function laneOf(profile: Profile, bins: Bins, group: Group): TimelineIntervalLane {
  const { intervals, strings } = profile;
  const rows = group.rows.sort((a, b) => intervals.start[a] - intervals.start[b] || a - b);
  const start: number[] = [];
  const end: number[] = [];
  const name: number[] = [];
  const count: number[] = [];
  const most = bins.count * 2;
  for (const row of rows) {
    const from = Math.max(bins.startNs, intervals.start[row]);
    const to = Math.min(bins.endNs, endOf(profile, row));
    const last = start.length - 1;
    const isShort = to - from < bins.widthNs;
    const joins =
      last >= 0 &&
      ((isShort && from - end[last] < bins.widthNs && end[last] - start[last] < bins.widthNs) ||
        start.length >= most);
    if (joins) {
      end[last] = Math.max(end[last], to);
      count[last]++;
      if (name[last] !== intervals.name[row]) name[last] = -1;
    } else {
      start.push(from);
      end.push(to);
      name.push(intervals.name[row]);
      count.push(1);
    }
  }
  const used = [...new Set(name)].filter((each) => each >= 0);
  const place = new Map(used.map((each, index) => [each, index]));
  return {
    category: strings[group.category] ?? "",
    thread: group.thread,
    ...threadName(profile, group.thread),
    totalNs: group.totalNs,
    intervals: rows.length,
    strings: used.map((each) => strings[each] ?? ""),
    start: Float64Array.from(start),
    end: Float64Array.from(end),
    name: Int32Array.from(name, (each) => place.get(each) ?? -1),
    count: Int32Array.from(count),
    names: namesOf(profile, bins, rows),
  };
}

const threadName = (profile: Profile, thread: number) => {
  const { name, pid, tid } = threadLabel(profile, thread);
  return { threadName: thread === -1 ? "" : name, pid, tid };
};

/** What a lane holds, the longest in all first. */
function namesOf(profile: Profile, bins: Bins, rows: readonly number[]): readonly TimelineInterval[] {
  const { intervals, strings } = profile;
  const sums = new Map<number, { count: number; totalNs: number; longestNs: number }>();
  for (const row of rows) {
    const ns = Math.min(bins.endNs, endOf(profile, row)) - Math.max(bins.startNs, intervals.start[row]);
    const sum = sums.get(intervals.name[row]) ?? { count: 0, totalNs: 0, longestNs: 0 };
    sum.count++;
    sum.totalNs += ns;
    sum.longestNs = Math.max(sum.longestNs, ns);
    sums.set(intervals.name[row], sum);
  }
  return [...sums]
    .sort(([, a], [, b]) => b.totalNs - a.totalNs || b.count - a.count)
    .slice(0, MOST_NAMES)
    .map(([name, sum]) => ({ name: strings[name] ?? "", ...sum }));
}
