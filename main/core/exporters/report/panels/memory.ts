import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatValue,
} from "../../../base/numbers.ts";
import type { MemorySite, MemoryTable } from "../../../model/memory-table.ts";
import type { InfoTable, TimelineCounter, TimelineTable } from "../../../model/tables.ts";
import type { Block, TableColumn } from "../blocks.ts";
import { pixel } from "../frame.ts";
import { AXIS_PX, axis, ground, HEAD_PX, laneHead } from "../time-picture.ts";
import { panelOf, type ReportParts } from "./report-panel.ts";

/** What was in use over time, who allocated it and what of it stayed; and whatever else was counted beside the samples. */
export const memory = panelOf(
  { id: "memory", title: "Memory and counters", isDefault: true, isInPicture: true },
  (parts) => {
    const { answer, selection, inner, mostRows, timeline, info } = parts;
    const table = answer({ view: "memory", selection, limit: Math.min(MOST_SITES, mostRows) });
    return [
      ...countersOf(table, timeline, inner, mostRows),
      ...sumsOf(table),
      ...sitesOf(table),
      ...heapOf(info, parts),
    ];
  },
);

const MOST_COUNTERS = 12;
const MOST_SITES = 100;
const CURVE_PX = 48;
const GAP_PX = 8;

interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

function countersOf(
  table: MemoryTable,
  { counters, startNs, endNs }: TimelineTable,
  width: number,
  mostRows: number,
): readonly Block[] {
  const { curveTime, curveBytes, source } = table;
  const live: readonly Curve[] =
    table.timed && table.liveSeries !== "" && curveTime.length > 1
      ? [{ name: `In use (${source})`, unit: "bytes", time: curveTime, value: curveBytes }]
      : [];
  const all: readonly Curve[] = [...live, ...counters.filter(({ time }: TimelineCounter) => time.length > 1)];
  // In a picture those of memory, which come first, and a few others.
  const shown = all.slice(0, Math.min(MOST_COUNTERS, Math.ceil(mostRows / 10)));
  if (shown.length === 0) return [];
  const markup = shown.map((curve, at) =>
    curveMarkup(curve, at * (HEAD_PX + CURVE_PX + GAP_PX), width, startNs, endNs),
  );
  const bottom = shown.length * (HEAD_PX + CURVE_PX + GAP_PX);
  markup.push(axis(bottom, width, startNs, endNs));
  const label = `Over time: ${shown.map((curve) => `${curve.name}, ${wordsOf(curve)}`).join("; ")}`;
  const picture: Block = { kind: "picture", label, width, height: bottom + AXIS_PX, markup };
  const more = all.length - shown.length;
  return more > 0
    ? [picture, { kind: "words", text: `${formatCount(more)} counters are not drawn.` }]
    : [picture];
}

function wordsOf({ value, unit }: Curve): string {
  const most = value.reduce((high, each) => Math.max(high, each), Number.NEGATIVE_INFINITY);
  const say = (amount: number): string => formatValue(amount, unit);
  return `${say(value[0] as number)} at first, ${say(most)} at most, ${say(value.at(-1) as number)} at last`;
}

function curveMarkup(curve: Curve, y: number, width: number, startNs: number, endNs: number): string {
  const { name, time, value } = curve;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const each of value) {
    low = Math.min(low, each);
    high = Math.max(high, each);
  }
  // From zero, unless all of it is far above: a rise is to be seen as large as it is.
  const floor = low > 0 && low < high * 0.5 ? 0 : Math.min(0, low);
  const span = endNs - startNs || 1;
  const top = y + HEAD_PX;
  const points: string[] = [];
  for (let i = 0; i < value.length; i++) {
    const x = Math.min(width, Math.max(0, (width * ((time[i] as number) - startNs)) / span));
    const up = ((CURVE_PX - 4) * ((value[i] as number) - floor)) / (high - floor || 1);
    points.push(`${pixel(x)} ${pixel(top + CURVE_PX - 2 - up)}`);
  }
  return `${laneHead(y, width, name || "counter", wordsOf(curve))}${ground(top, width, CURVE_PX)}<path class="line" d="M${points.join("L")}"/>\n`;
}

const blocksOf = ({ liveAtEndBlocks, sampledObjects }: MemoryTable): string =>
  liveAtEndBlocks > 0
    ? `in ${formatCountOf(liveAtEndBlocks, sampledObjects ? "sampled object" : "block")} `
    : "";

const leastSizes =
  " Sizes are the least that there are: this JVM tells none, an array counts as its elements, any other object as 16 bytes.";

function sumsOf(table: MemoryTable): readonly Block[] {
  const { liveSeries, allocatedSeries, timed } = table;
  if (liveSeries === "" && allocatedSeries === "") return [];
  const at = table.peakAtNs >= 0 ? ` at ${formatDuration(table.peakAtNs)}` : "";
  const parts = [
    table.peakBytes > 0 ? `${formatBytes(table.peakBytes)} at most${at}` : "",
    liveSeries === ""
      ? ""
      : `${formatBytes(table.liveAtEndBytes)} ${blocksOf(table)}${timed ? "at the end" : "live"}`,
    allocatedSeries === ""
      ? ""
      : `${formatBytes(table.allocatedBytes)} allocated in ${formatCountOf(table.allocations, "call")}`,
    table.temporary > 0 ? `${formatCount(table.temporary)} of them temporary` : "",
    timed && Math.abs(table.ratePerS) >= 1
      ? `${table.ratePerS > 0 ? "growing" : "shrinking"} by ${formatBytes(Math.abs(table.ratePerS))} a second`
      : "",
  ].filter(Boolean);
  return parts.length === 0
    ? []
    : [{ kind: "words", text: `${parts.join(", ")}.${table.leastSizes ? leastSizes : ""}` }];
}

interface SiteColumn extends TableColumn {
  readonly cell: (site: MemorySite) => string;
}

function sitesOf(table: MemoryTable): readonly Block[] {
  const { sites, sitesInAll } = table;
  if (sites.length === 0) return [];
  const hasLive = table.liveSeries !== "";
  const hasTrend = hasLive && table.timed;
  const number = (title: string, cell: (site: MemorySite) => string): SiteColumn => ({
    title,
    kind: "number",
    cell,
  });
  const columns: readonly SiteColumn[] = [
    ...(hasTrend
      ? [
          number("Suspect", ({ suspicion }) => (Number.isNaN(suspicion) ? "" : formatPercent(suspicion, 1))),
          number("Grown", ({ grownBytes }) => formatBytes(grownBytes)),
        ]
      : []),
    ...(hasLive
      ? [
          number("Live", ({ liveBytes }) => formatBytes(liveBytes)),
          number("Blocks", ({ liveBlocks }) => formatCount(liveBlocks)),
        ]
      : []),
    ...(table.allocatedSeries === ""
      ? []
      : [
          number("Allocated", ({ allocatedBytes }) => formatBytes(allocatedBytes)),
          number("Calls", ({ allocations }) => formatCount(allocations)),
        ]),
    ...(table.peakSeries === "" ? [] : [number("At the peak", ({ peakBytes }) => formatBytes(peakBytes))]),
    { title: "Site", kind: "name", cell: ({ name }) => name },
    {
      title: "Where",
      kind: "name",
      isDim: true,
      keepEnd: true,
      cell: ({ file, line, binary }) => (file === "" ? binary : line > 0 ? `${file}:${line}` : file),
    },
  ];
  const which = hasTrend ? "the most suspicious first" : "the largest first";
  const caption =
    sites.length < sitesInAll
      ? `${formatCount(sites.length)} of ${formatCountOf(sitesInAll, "allocating place")}, ${which}.`
      : `Places that allocate, ${which}.`;
  return [
    { kind: "table", caption, columns, rows: sites.map((site) => columns.map(({ cell }) => cell(site))) },
  ];
}

function heapOf({ heap }: InfoTable, { mostRows }: ReportParts): readonly Block[] {
  if (heap.length === 0) return [];
  return [
    {
      kind: "table",
      caption: "What fills the heap, the most retained first.",
      columns: [
        { title: "Retained", kind: "number" },
        { title: "Own", kind: "number" },
        { title: "Objects", kind: "number" },
        { title: "Kind", kind: "name" },
      ],
      rows: heap
        .slice(0, mostRows)
        .map(({ name, objects, selfBytes, retainedBytes }) => [
          formatBytes(retainedBytes),
          formatBytes(selfBytes),
          formatCount(objects),
          name,
        ]),
    },
  ];
}
