import { type PointerEvent, useRef, useState } from "react";
import { formatBytes, formatDuration } from "#core/base/numbers.ts";
import type { MemoryTable } from "#core/model/memory-table.ts";
import type { TimelineCounter, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { domainOf, hasLabelRoom, pxOf, type TimeScale, ticksOf, timeAt } from "../../widgets/time-scale.ts";
import { useElementSize } from "../../widgets/use-element-size.ts";

const axisPx = 18;
/** Above the highest line, so that the label of the axis touches none. */
const headPx = 16;
/** A shorter drag is a click. */
const clickPx = 4;
/** Lines differ by their dashes as well as by colour. */
const dashes = [undefined, "6 3", "2 2", "8 3 2 3"] as const;
const mostLines = 4;
/** Beside a curve so many times as high, that of what lives would be a line at the bottom. */
const mostTimesHigher = 8;

/** The curve of the profile's own allocations. */
const LIVE = "live";

type Range = readonly [number, number];

interface Line {
  readonly id: string;
  readonly name: string;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Which counters are drawn, first what says most: the whole, its parts, the heaps of runtimes. */
const wanted: readonly RegExp[] = [
  /^rss$/,
  /^(heap|jdk\.GCHeapSummary.*heapUsed|MemStats\.HeapAlloc|Heap Summary: heapUsed)$/,
  /^private$/,
  /^swap$/,
  /^mem_heap_B$/,
  /^(anon|pss)$/,
];

export function linesOf(table: MemoryTable, counters: readonly TimelineCounter[]): readonly Line[] {
  const lines: Line[] = [];
  if (table.curveTime.length > 0)
    lines.push({ id: LIVE, name: "Live allocations", time: table.curveTime, value: table.curveBytes });
  const memory = counters.filter(
    ({ unit, id, value }) => unit === "bytes" && !id.startsWith("io-") && value.some((each) => each > 0),
  );
  const inOrder = wanted.flatMap((pattern) => memory.filter(({ id }) => pattern.test(id)));
  for (const counter of [...inOrder, ...(inOrder.length > 0 ? [] : memory)]) {
    if (lines.length >= mostLines) break;
    lines.push({ ...counter, name: plainName(counter.name).replace(/ \(.*\)$/, "") });
  }
  return lines;
}

const mostOf = ({ value }: Line): number => value.reduce((a, b) => Math.max(a, b), 0);

/** Those that are drawn by themselves: what one scale can show beside what lives. */
export function readableOf(lines: readonly Line[]): readonly string[] {
  const live = lines.find(({ id }) => id === LIVE);
  const limit = live === undefined ? Number.POSITIVE_INFINITY : mostTimesHigher * mostOf(live);
  return lines.filter((line) => mostOf(line) <= limit).map(({ id }) => id);
}

/** What lives and what the system holds, over all of the time; a range of it is chosen by dragging. */
export function MemoryChart({
  table,
  timeline,
  live,
  curves,
  setCurves,
  rangeNs,
  setRange,
}: {
  readonly table: MemoryTable;
  readonly timeline: TimelineTable | null;
  readonly live: boolean;
  /** Ids of the curves that are drawn; null for those that one scale can show. */
  readonly curves: readonly string[] | null;
  readonly setCurves: (ids: readonly string[]) => void;
  readonly rangeNs: Range | null;
  readonly setRange: (range: Range | null) => void;
}) {
  const host = useRef<HTMLDivElement | null>(null);
  const { widthPx, heightPx } = useElementSize(host);
  const from = useRef<number | null>(null);
  const [draft, setDraft] = useState<Range | null>(null);
  const lines = linesOf(table, timeline?.counters ?? []);
  if (!table.timed || lines.length === 0) return null;
  const [startNs, endNs] = domainOf(0, timeline?.endNs ?? table.endNs, live);
  const scale: TimeScale = { startNs, endNs, widthPx };
  const chosen = curves ?? readableOf(lines);
  const isDrawn = ({ id }: Line): boolean => chosen.includes(id);
  const drawn = lines.filter(isDrawn);
  /** One of them stays. */
  const toggle = (id: string): void => {
    const next = lines.map((line) => line.id).filter((each) => chosen.includes(each) !== (each === id));
    if (next.length > 0) setCurves(next);
  };
  const top = niceTop(Math.max(0, ...drawn.map(mostOf)));
  const plotPx = heightPx - axisPx;
  const y = (bytes: number): number => plotPx - (bytes / top) * Math.max(4, plotPx - headPx);
  const range = draft ?? rangeNs;

  const at = (event: PointerEvent): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const dragged = (event: PointerEvent): Range | null => {
    if (from.current === null || Math.abs(at(event) - from.current) < clickPx) return null;
    const [a, b] = [timeAt(scale, from.current), timeAt(scale, at(event))];
    return a <= b ? [a, b] : [b, a];
  };
  return (
    <section className="memory-chart" aria-label="Memory over time">
      <ul className="memory-legend">
        {lines.map((line, index) => (
          <li key={line.id}>
            <button
              type="button"
              className="memory-curve"
              aria-pressed={isDrawn(line)}
              title={isDrawn(line) ? "Leave it out of the picture" : "Draw it too"}
              onClick={() => toggle(line.id)}
            >
              <svg width="18" height="8" aria-hidden="true">
                <line
                  x1="0"
                  y1="4"
                  x2="18"
                  y2="4"
                  className={`memory-line-${index + 1}`}
                  strokeDasharray={dashes[index]}
                />
              </svg>
              {line.name}
              <span className="muted">{formatBytes(line.value.at(-1) ?? 0)}</span>
            </button>
          </li>
        ))}
        <li className="memory-hint muted">drag to choose a range</li>
      </ul>
      <div className="memory-plot" ref={host}>
        {widthPx > 0 ? (
          <svg
            width={widthPx}
            height={heightPx}
            role="img"
            aria-label={chartWords(lines, range)}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              from.current = at(event);
            }}
            onPointerMove={(event) => from.current !== null && setDraft(dragged(event))}
            onPointerUp={(event) => {
              const chosen = dragged(event);
              from.current = null;
              setDraft(null);
              setRange(chosen);
            }}
            onPointerCancel={() => {
              from.current = null;
              setDraft(null);
            }}
          >
            {ticksOf(scale).map(({ timeNs, label }) => (
              <g key={timeNs} transform={`translate(${Math.round(pxOf(scale, timeNs)) + 0.5} 0)`}>
                <line y2={plotPx} className="memory-grid" />
                {!hasLabelRoom(scale, timeNs) ? null : (
                  <text x="4" y={heightPx - 5} className="memory-tick">
                    {label}
                  </text>
                )}
              </g>
            ))}
            <line x2={widthPx} y1={plotPx - 0.5} y2={plotPx - 0.5} className="memory-grid" />
            {(timeline?.marks ?? []).map(({ timeNs, name }) => (
              <line
                key={`${timeNs} ${name}`}
                x1={pxOf(scale, timeNs)}
                x2={pxOf(scale, timeNs)}
                y2={plotPx}
                className="memory-mark"
              >
                <title>{name}</title>
              </line>
            ))}
            {lines.map((line, index) =>
              isDrawn(line) ? (
                <path
                  key={line.id}
                  d={pathOf(line, scale, y)}
                  className={`memory-line-${index + 1}${line.time.length === 1 ? " memory-dot" : ""}`}
                  strokeDasharray={line.time.length === 1 ? undefined : dashes[index]}
                />
              ) : null,
            )}
            {range === null ? null : (
              <rect
                x={pxOf(scale, range[0])}
                width={Math.max(1, pxOf(scale, range[1]) - pxOf(scale, range[0]))}
                height={plotPx}
                className="memory-range"
              />
            )}
            <line x2={widthPx} y1={y(top)} y2={y(top)} className="memory-grid" />
            <text x={widthPx - 4} y={headPx - 4} textAnchor="end" className="memory-tick">
              {formatBytes(top)}
            </text>
          </svg>
        ) : null}
      </div>
    </section>
  );
}

/** Levels hold until they change: the line goes in steps. */
/** What lives changes in steps; of what the system holds there are readings, between which it went on. */
function pathOf({ id, time, value }: Line, scale: TimeScale, y: (bytes: number) => number): string {
  const parts: string[] = [];
  for (let i = 0; i < time.length; i++) {
    const px = pxOf(scale, time[i] ?? 0).toFixed(1);
    const py = y(value[i] ?? 0).toFixed(1);
    parts.push(i === 0 ? `M${px} ${py}` : id === LIVE ? `H${px}V${py}` : `L${px} ${py}`);
  }
  // Of a single reading there is a dot.
  return time.length === 1 ? `${parts.join("")}h0` : parts.join("");
}

/** A power of two or one and a half of it, above the greatest. */
function niceTop(bytes: number): number {
  if (!(bytes > 0)) return 1;
  const power = 2 ** Math.floor(Math.log2(bytes));
  return [1, 1.25, 1.5, 1.75, 2].map((step) => step * power).find((step) => step >= bytes) ?? bytes;
}

const chartWords = (lines: readonly Line[], range: Range | null): string =>
  [
    ...lines.map(
      (line) =>
        `${line.name} from ${formatBytes(line.value[0] ?? 0)} to ${formatBytes(line.value.at(-1) ?? 0)}, at most ${formatBytes(mostOf(line))}`,
    ),
    ...(range === null ? [] : [`range of ${formatDuration(range[1] - range[0])} chosen`]),
  ].join("; ");
