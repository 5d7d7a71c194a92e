import { useEffect, useMemo, useRef, useState } from "react";
import { formatCount, formatCountOf } from "#core/base/numbers.ts";
import type { TimelineTable } from "#core/model/tables.ts";
import { onDemand } from "../../app/on-demand.tsx";
import { committedOf, counterLane, shownRange, type TimeRange } from "../../app/timeline-state.ts";
import type { TimelineViewProps } from "../../app/view-props.ts";
import { Button } from "../../widgets/button.tsx";
import { domainOf, type TimeScale, ticksOf } from "../../widgets/time-scale.ts";
import { useElementSize } from "../../widgets/use-element-size.ts";
import { useReport } from "../../widgets/use-report.ts";
import { useWidth } from "../../widgets/use-width.ts";
import { CounterLabels } from "./counter-labels.tsx";
import { counterHeightPx } from "./counter-look.ts";
import { LaneCanvas } from "./lane-canvas.tsx";
import { LaneChooser } from "./lane-chooser.tsx";
import { LaneLabels } from "./lane-labels.tsx";
import { laneHeightFor } from "./lane-painter.ts";
import { TimelineAxis } from "./timeline-axis.tsx";
import { TimelineBrush } from "./timeline-brush.tsx";
import { timelineColours } from "./timeline-colours.ts";
import { TimelineCrumbs } from "./timeline-crumbs.tsx";
import { headPx, restPx } from "./timeline-height.ts";
import { timelineRows } from "./timeline-rows.ts";
import { TimelineTwin } from "./timeline-twin.tsx";
import { counterGroups, readCounters } from "./timeline-values.ts";
import "./timeline.css";

const CounterChart = onDemand(async () => (await import("./counter-chart.tsx")).CounterChart);

/** A bin is so wide: narrower ones could not be told apart. */
const binPx = 3;
const fewestBins = 60;
const mostBins = 600;
/** The number of bins changes in such steps, so that a panel that is dragged wider does not ask with every pixel. */
const binStep = 20;
/** Threads with a lane of their own, at most. */
const mostLanes = 512;
/** As in the style sheet. */

/** CPU lanes a thread, counters and marks over one axis, and the brush that selects a range of it. */
export function TimelineView(props: TimelineViewProps) {
  const { table } = props;
  if (table === null) return <p className="timeline-line-state">Preparing the timeline…</p>;
  if (!table.timed) {
    return (
      <p className="timeline-line-state">
        This profile has no times: there is no timeline. Graph and tables count all of it.
      </p>
    );
  }
  if (table.lanes.length === 0 && table.counters.length === 0 && table.intervalLanes.length === 0) {
    return <p className="timeline-line-state">No samples and no counters yet.</p>;
  }
  return <TimedTimeline {...props} table={table} />;
}

function TimedTimeline(props: TimelineViewProps & { readonly table: TimelineTable }) {
  const { table, live, theme, binsChanged } = props;
  const [plots, widthPx] = useWidth();
  const scroller = useRef<HTMLDivElement>(null);
  const { heightPx } = useElementSize(scroller);
  const [colours, setColours] = useState(timelineColours);
  // The theme is read through the cascade, which has changed by the time that effects run.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes what the style sheet says.
  useEffect(() => setColours(timelineColours()), [theme]);

  useReport(binsFor(widthPx), binsChanged);

  const { state, change, rangeNs, setRange } = props;
  const committed = committedOf(state, rangeNs);
  const inner = committed.at(-1) ?? null;
  // What was gone into is the filter until something is brushed inside of it.
  const brushed = rangeNs !== null && inner !== null && isSame(rangeNs, inner) ? null : rangeNs;
  const shownNs = shownRange(state, rangeNs);
  const [startNs, endNs] = shownNs ?? domainOf(table.startNs, table.endNs, live);
  const scale = useMemo((): TimeScale => ({ startNs, endNs, widthPx }), [startNs, endNs, widthPx]);
  const ticks = useMemo(() => ticksOf(scale), [scale]);
  const { hidden, order, collapsed, mode } = state;
  const groups = useMemo(
    () =>
      counterGroups(
        table.counters.filter(({ id }) => !hidden.includes(counterLane(id))),
        order,
      ),
    [table, hidden, order],
  );
  const rows = useMemo(() => timelineRows(table, { collapsed, hidden }), [table, collapsed, hidden]);
  const shown = table.lanes.filter((lane) => lane.thread >= 0).length;
  const rest = table.lanes.some((lane) => lane.thread < 0) ? 0 : table.threadsInAll - shown;

  const roomPx = heightPx - headPx - groups.length * counterHeightPx - (rest > 0 ? restPx : 0);
  const lanePx = laneHeightFor(rows.length, roomPx);
  const goInto = (range: TimeRange): void => {
    change({ committed: [...committed, range], viewNs: null });
    if (rangeNs === null || !isSame(range, rangeNs)) setRange(range);
  };
  const goBackTo = (kept: number): void => {
    change({ committed: committed.slice(0, kept), viewNs: null });
    setRange(committed[kept - 1] ?? null);
  };

  return (
    <section className="timeline" aria-label="Timeline">
      <TimelineCrumbs
        durationNs={table.durationNs}
        committed={committed}
        brushed={brushed}
        isZoomed={state.viewNs !== null}
        hasWaits={table.showsWaits || table.lanes.some(({ waiting }) => waiting !== null)}
        hasRuns={!table.showsWaits || table.lanes.some(({ running }) => running !== null)}
        goBackTo={goBackTo}
        goInto={goInto}
        showAll={() => change({ viewNs: null })}
      />
      <div className="timeline-scroll" ref={scroller}>
        <div className="timeline-head">
          <div className="timeline-gutter timeline-title">
            <span>{threadsText(table)}</span>
            <span className="timeline-modes">
              <Button
                look="quiet"
                small
                onClick={() => change({ mode: mode === "lanes" ? "picture" : "lanes" })}
                aria-pressed={mode === "lanes"}
                title="Choose what has a lane, and the order of counters"
              >
                Lanes
              </Button>
              <Button
                look="quiet"
                small
                onClick={() => change({ mode: mode === "table" ? "picture" : "table" })}
                title={mode === "table" ? "Show the lanes and curves" : "Show the same in numbers"}
              >
                {mode === "table" ? "Picture" : "Table"}
              </Button>
            </span>
          </div>
          <div className="timeline-axis" ref={plots}>
            {widthPx > 0 && mode === "picture" ? (
              <TimelineAxis scale={scale} ticks={ticks} marks={table.marks} />
            ) : null}
          </div>
        </div>
        {mode === "lanes" ? (
          <LaneChooser table={table} state={state} change={change} />
        ) : mode === "table" ? (
          <TimelineTwin table={table} />
        ) : (
          <div className="timeline-body">
            <div className="timeline-gutter">
              <LaneLabels
                table={table}
                rows={rows}
                lanePx={lanePx}
                threads={props.threads}
                toggleThread={props.toggleThread}
                toggleProcess={(pid) =>
                  change({
                    collapsed: collapsed.includes(pid)
                      ? collapsed.filter((each) => each !== pid)
                      : [...collapsed, pid],
                  })
                }
                showMore={() => change({ maxLanes: Math.min(mostLanes, state.maxLanes * 4) })}
              />
              {rest > 0 ? <p className="timeline-rest">{restText(rest)}</p> : null}
              {groups.map((group) => (
                <CounterLabels key={groupKey(group)} group={group} colours={colours.series} />
              ))}
            </div>
            <div className="timeline-plots">
              {widthPx > 0 ? (
                <>
                  <LaneCanvas
                    table={table}
                    rows={rows}
                    scale={scale}
                    lanePx={lanePx}
                    ticks={ticks}
                    colours={colours}
                    threads={props.threads}
                  />
                  {rest > 0 ? <div className="timeline-rest" /> : null}
                  {groups.map((group) => (
                    <CounterChart
                      key={groupKey(group)}
                      group={group}
                      scale={scale}
                      ticks={ticks}
                      colours={colours.series}
                      lineColour={colours.line}
                    />
                  ))}
                  <TimelineBrush
                    table={table}
                    rows={rows}
                    scale={scale}
                    lanePx={lanePx}
                    counters={readCounters(groups)}
                    rangeNs={brushed}
                    setRange={(range) => setRange(range ?? inner)}
                    setView={(viewNs) => change({ viewNs })}
                    goInto={goInto}
                    goBack={() => {
                      if (committed.length > 0) goBackTo(committed.length - 1);
                    }}
                  />
                </>
              ) : null}
            </div>
          </div>
        )}
      </div>
    </section>
  );
}

const isSame = (a: TimeRange, b: TimeRange): boolean => a[0] === b[0] && a[1] === b[1];

export function binsFor(widthPx: number): number {
  if (widthPx === 0) return 0;
  const bins = Math.round(widthPx / binPx / binStep) * binStep;
  return Math.min(mostBins, Math.max(fewestBins, bins));
}

function groupKey(group: { readonly counters: readonly { readonly id: string }[] }): string {
  return group.counters.map((counter) => counter.id).join("\n");
}

/** Threads that have no lane: none of their samples is in the selection. */
function restText(count: number): string {
  return `+ ${formatCount(count)} ${count === 1 ? "thread" : "threads"} without samples`;
}

function threadsText(table: TimelineTable): string {
  if (table.threadsInAll === 0) return "All samples";
  return formatCountOf(table.threadsInAll, "thread");
}
