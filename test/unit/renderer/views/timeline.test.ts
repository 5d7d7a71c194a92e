import { describe, expect, it } from "vitest";
import {
  committedOf,
  movedInside,
  shownRange,
  type TimelineState,
  type TimeRange,
  timelineInitial,
  zoomedRange,
} from "../../../../renderer/app/timeline-state.ts";
import {
  cursorAfter,
  draggedTo,
  extended,
  gripAt,
  viewAfter,
} from "../../../../renderer/views/timeline/brush.ts";
import { timelineHeightPx } from "../../../../renderer/views/timeline/timeline-height.ts";
import { intervalAt, intervalName, timelineRows } from "../../../../renderer/views/timeline/timeline-rows.ts";
import {
  axisTop,
  binAt,
  counterAt,
  counterGroups,
  fullLane,
  laneValueAt,
} from "../../../../renderer/views/timeline/timeline-values.ts";
import {
  domainOf,
  pxOf,
  type TimeScale,
  ticksOf,
  timeAt,
  timeText,
} from "../../../../renderer/widgets/time-scale.ts";
import { timelineTableOf } from "./sample-tables.ts";

const second = 1e9;
const spaces = (text: string): string => text.replaceAll("\u00a0", " ");
const scaleOf = (startS: number, endS: number, widthPx = 1000): TimeScale => ({
  startNs: startS * second,
  endNs: endS * second,
  widthPx,
});

describe("the axis", () => {
  const check = (scale: TimeScale, expected: readonly string[]) => {
    expect(ticksOf(scale).map((tick) => spaces(tick.label))).toEqual(expected);
  };

  it("has round steps with as many digits as they need", () => {
    check(scaleOf(0, 4, 400), ["0 s", "1 s", "2 s", "3 s", "4 s"]);
    check(scaleOf(0, 0.01, 400), ["0.000 s", "0.002 s", "0.004 s", "0.006 s", "0.008 s", "0.010 s"]);
    check(scaleOf(2.4, 3.1, 300), ["2.4 s", "2.6 s", "2.8 s", "3.0 s"]);
    check(scaleOf(0, 150, 400), ["0 s", "30 s", "1:00", "1:30", "2:00", "2:30"]);
    check(scaleOf(3570, 3750, 300), ["1:00:00", "1:01:00", "1:02:00"]);
  });

  it("never has more ticks than there is room for", () => {
    for (let span = 1e3; span < 1e17; span *= 3.7) {
      const count = ticksOf({ startNs: 0, endNs: span, widthPx: 600 }).length;
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(9);
    }
  });

  it("gives times to the width of a pixel", () => {
    expect(spaces(timeText(1.23456789e9, scaleOf(0, 10)))).toBe("1.23 s");
    expect(spaces(timeText(90.54e9, scaleOf(0, 100)))).toBe("1:30.5");
    expect(spaces(timeText(59.99e9, scaleOf(0, 1000)))).toBe("60 s");
    expect(spaces(timeText(119.97e9, scaleOf(0, 100)))).toBe("2:00");
  });

  it("turns times into places and back", () => {
    const scale = scaleOf(10, 20);
    expect([pxOf(scale, 15e9), timeAt(scale, 500), timeAt(scale, -5), timeAt(scale, 2000)]).toEqual([
      500, 15e9, 10e9, 20e9,
    ]);
    expect(pxOf({ startNs: 5, endNs: 5, widthPx: 100 }, 5)).toBe(0);
  });
});

describe("the live scale", () => {
  const check = (startS: number, endS: number, live: boolean, expected: readonly [number, number]) => {
    const [start, end] = domainOf(startS * second, endS * second, live);
    expect([start / second, end / second]).toEqual(expected);
  };

  it("holds while a recording grows from zero, and slides with a window", () => {
    check(0, 0.4, true, [0, 10]);
    check(0, 9.9, true, [0, 10]);
    check(0, 10.1, true, [0, 20]);
    check(0, 61, true, [0, 90]);
    check(0, 0.4, false, [0, 0.4]);
    check(3, 13, true, [3, 13]);
  });

  it("only ever grows with the recording", () => {
    let last = 0;
    for (let end = 0.1; end < 10_000; end *= 1.07) {
      const [, to] = domainOf(0, end * second, true);
      expect(to).toBeGreaterThanOrEqual(Math.max(last, end * second));
      last = to;
    }
  });
});

describe("the brush", () => {
  const scale = scaleOf(0, 10);
  const check = (range: TimeRange | null, fromPx: number, toPx: number, expected: TimeRange | null) => {
    const dragged = draggedTo(scale, gripAt(scale, range, fromPx, false), toPx);
    expect(dragged?.map((timeNs) => timeNs / second) ?? null).toEqual(expected);
  };

  it("draws a range in either direction, within the profile", () => {
    check(null, 200, 500, [2, 5]);
    check(null, 500, 200, [2, 5]);
    check(null, 900, 1400, [9, 10]);
  });

  it("takes a click for no range", () => {
    check(null, 200, 202, null);
    check([1e9, 9e9], 300, 301, null);
  });

  it("moves the edge that it holds, also past the other", () => {
    check([2e9, 5e9], 203, 100, [1, 5]);
    check([2e9, 5e9], 497, 800, [2, 8]);
    check([2e9, 5e9], 497, 100, [1, 2]);
  });

  it("moves the whole range, stopped at the ends", () => {
    const grip = gripAt(scale, [2e9, 5e9], 300, true);
    expect(draggedTo(scale, grip, 900)).toEqual([7e9, 10e9]);
  });

  it("goes by keys", () => {
    expect(cursorAfter(scale, 5e9, "ArrowRight", false)).toBe(5.1e9);
    expect(cursorAfter(scale, 5e9, "ArrowLeft", true)).toBe(4e9);
    expect(cursorAfter(scale, 9.95e9, "ArrowRight", false)).toBe(10e9);
    expect(cursorAfter(scale, 5e9, "x", false)).toBeNull();
    expect(extended(null, 2e9, 3e9)).toEqual([2e9, 3e9]);
    expect(extended([2e9, 3e9], 3e9, 4e9)).toEqual([2e9, 4e9]);
    expect(extended([2e9, 3e9], 2e9, 1e9)).toEqual([1e9, 3e9]);
  });
});

describe("the values", () => {
  const table = timelineTableOf();
  const counter = (id: string, unit: string, points: readonly (readonly [number, number])[]) => ({
    id,
    name: id,
    unit,
    time: Float64Array.from(points, ([time]) => time),
    value: Float64Array.from(points, ([, value]) => value),
  });

  it("are read at a time", () => {
    const lane = table.lanes[0];
    if (lane === undefined) throw new Error("no lane");
    expect(spaces(laneValueAt(table, lane, 1.5e9))).toBe("50.0 % of a CPU");
    expect(laneValueAt(table, lane, 5e9)).toBe("");
    expect(binAt(table, lane.bins, 4e9)).toBe(0.25);
    const rss = counter("rss", "bytes", [
      [1e9, 10],
      [2e9, 20],
    ]);
    expect([0, 1e9, 1.9e9, 7e9].map((timeNs) => counterAt(rss, timeNs))).toEqual([undefined, 10, 10, 20]);
  });

  it("fill a lane at one CPU, or at the greatest bin", () => {
    expect(fullLane(table)).toBe(1);
    expect(fullLane({ ...table, unit: "samples" })).toBe(1);
    expect(fullLane({ ...table, unit: "samples", lanes: [] })).toBe(1);
  });

  it("share a chart where they can be compared, memory first", () => {
    const point = [[0, 1]] as const;
    const groups = counterGroups([
      counter("cpu", "percent", point),
      counter("rss", "bytes", point),
      counter("io-read", "bytes", point),
      counter("threads", "count", point),
      counter("empty", "bytes", []),
      { ...counter("heap", "bytes", point), name: "JavaScript heap, used" },
      counter("idle", "percent", [[0, 0]]),
      counter("zero", "events", [[0, 0]]),
      counter("pss", "bytes", point),
    ]);
    expect(groups.map((group) => [group.unit, group.counters.map(({ id }) => id)])).toEqual([
      ["bytes", ["rss", "pss"]],
      ["bytes", ["heap"]],
      ["percent", ["cpu", "idle"]],
      ["bytes", ["io-read"]],
      ["count", ["threads"]],
    ]);
  });

  it("have a round upper edge", () => {
    expect([
      axisTop(0, "percent"),
      axisTop(87, "percent"),
      axisTop(100, "percent"),
      axisTop(0.031, "x"),
    ]).toEqual([1, 100, 100, 0.04]);
    expect([axisTop(70 * 2 ** 20, "bytes"), axisTop(2 ** 30, "bytes")]).toEqual([96 * 2 ** 20, 2 ** 30]);
  });
});

describe("the part of the time that is in view", () => {
  const state: TimelineState = {
    committed: [
      [10, 90],
      [20, 40],
    ],
    viewNs: null,
    collapsed: [],
    hidden: [],
    order: [],
    maxLanes: 32,
    mode: "picture" as const,
  };

  it("is the innermost range that was gone into, as long as what is selected lies in it", () => {
    const check = (rangeNs: TimeRange | null, expected: readonly TimeRange[]) =>
      expect(committedOf(state, rangeNs)).toEqual(expected);
    check([20, 40], state.committed);
    check([25, 30], state.committed);
    check([30, 50], [[10, 90]]);
    check([0, 50], []);
    check(null, []);
    expect(shownRange(state, [25, 30])).toEqual([20, 40]);
    expect(shownRange(state, null)).toBeNull();
    expect(shownRange({ ...state, viewNs: [1, 2] }, null)).toEqual([1, 2]);
  });

  it("is zoomed about a time, and never leaves the profile", () => {
    expect(zoomedRange([0, 1e6], 250_000, 0.5, 1e6)).toEqual([125_000, 625_000]);
    expect(zoomedRange([0, 500_000], 0, 3, 1e6)).toBeNull();
    expect(movedInside([-50, 50], 1000)).toEqual([0, 100]);
    expect(movedInside([950, 1050], 1000)).toEqual([900, 1000]);
  });

  it("follows the keys of Perfetto", () => {
    const scale = { startNs: 200_000, endNs: 400_000, widthPx: 100 };
    expect(viewAfter(scale, 300_000, "d", 1e6)).toEqual([240_000, 440_000]);
    expect(viewAfter(scale, 300_000, "a", 1e6)).toEqual([160_000, 360_000]);
    expect(viewAfter(scale, 300_000, "w", 1e6)?.[0]).toBeCloseTo(237_500);
    expect(viewAfter(scale, 300_000, "0", 1e6)).toBeNull();
    expect(viewAfter(scale, 300_000, "ArrowLeft", 1e6)).toBeUndefined();
  });
});

describe("the rows of lanes", () => {
  const lane = (thread: number, pid: number, bins: readonly number[]) => ({
    thread,
    name: `t${thread}`,
    processName: `p${pid}`,
    pid,
    tid: thread,
    totalValue: 1,
    bins: Float32Array.from(bins),
    highlighted: null,
    waiting: null,
    running: null,
  });
  const waits = {
    category: "lock",
    thread: 1,
    threadName: "t1",
    pid: 7,
    tid: 1,
    totalNs: 30,
    intervals: 4,
    strings: ["main_lock"],
    start: Float64Array.from([0, 50]),
    end: Float64Array.from([10, 70]),
    name: Int32Array.from([0, -1]),
    count: Int32Array.from([1, 3]),
    names: [],
  };
  const table = timelineTableOf({
    lanes: [lane(0, 7, [1, 0]), lane(1, 7, [1, 0.5]), lane(2, 8, [0, 1]), lane(-1, -1, [0, 0])],
    intervalLanes: [waits, { ...waits, category: "gc", thread: -1 }],
  });
  const words = (rows: ReturnType<typeof timelineRows>): string[] =>
    rows.map((row) =>
      row.kind === "process"
        ? `${row.name} ${[...row.bins].join(" ")}`
        : row.kind === "thread"
          ? row.lane.name
          : row.lane.category,
    );

  it("are threads under their processes, and under a thread what it did", () => {
    expect(words(timelineRows(table, { collapsed: [], hidden: [] }))).toEqual([
      "p7 2 0.5",
      "t0",
      "t1",
      "lock",
      "t2",
      "t-1",
      "gc",
    ]);
    expect(words(timelineRows(table, { collapsed: [7], hidden: ["category gc"] }))).toEqual([
      "p7 2 0.5",
      "t2",
      "t-1",
    ]);
    const one = { ...table, lanes: table.lanes.slice(0, 2) };
    expect(words(timelineRows(one, { collapsed: [7], hidden: [] }))).toEqual(["t0", "t1", "lock", "gc"]);
  });

  it("is no higher by itself than its lanes become, and takes less where some are put away", () => {
    const all = timelineHeightPx(table, timelineInitial) ?? 0;
    const rows = timelineRows(table, timelineInitial).length;
    expect(all).toBeGreaterThanOrEqual(rows * 40);
    expect(all).toBeLessThan((rows + 2) * 40);
    expect(timelineHeightPx(table, { ...timelineInitial, collapsed: [7] })).toBeLessThan(all);
    expect(timelineHeightPx(table, { ...timelineInitial, mode: "table" })).toBeNull();
    expect(timelineHeightPx(null, timelineInitial)).toBeNull();
  });

  it("say what lies at a time", () => {
    expect([intervalAt(waits, 5, 0), intervalAt(waits, 30, 0), intervalAt(waits, 48, 3)]).toEqual([0, -1, 1]);
    expect([intervalName(waits, 0), intervalName(waits, 1)]).toEqual(["main_lock", "3 of lock"]);
  });
});
