import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import { formatValue } from "#core/base/numbers.ts";
import "uplot/dist/uPlot.min.css";
import { pxOf, type Tick, type TimeScale } from "../../widgets/time-scale.ts";
import { counterDashes, counterHeightPx } from "./counter-look.ts";
import { type CounterGroup, groupTop } from "./timeline-values.ts";

export interface CounterChartProps {
  readonly group: CounterGroup;
  readonly scale: TimeScale;
  readonly ticks: readonly Tick[];
  /** One a line. */
  readonly colours: readonly string[];
  readonly lineColour: string;
}

/** The counters of one unit. Draws only: the pointer belongs to the timeline that lies over it. */
export function CounterChart(props: CounterChartProps) {
  const { group, scale, colours } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const lines = group.counters.map((counter) => counter.id).join("\n");
  const palette = colours.join("\n");

  // Made again for other lines or another theme; new values go into the chart that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `lines` and `palette` stand for what is read through `latest`.
  useLayoutEffect(() => {
    if (host.current === null) return;
    const created = new uPlot(optionsOf(latest), dataOf(latest.current.group), host.current);
    chart.current = created;
    return () => {
      created.destroy();
      chart.current = null;
    };
  }, [lines, palette]);

  useEffect(() => {
    const drawn = chart.current;
    if (drawn === null) return;
    const widthPx = Math.max(1, Math.round(scale.widthPx));
    if (drawn.width !== widthPx) drawn.setSize({ width: widthPx, height: counterHeightPx });
    drawn.setData(dataOf(group));
  }, [group, scale]);

  return (
    <div className="timeline-counter" ref={host} aria-hidden="true">
      <span className="timeline-top">{formatValue(groupTop(group), group.unit)}</span>
    </div>
  );
}

function optionsOf(latest: { readonly current: CounterChartProps }): uPlot.Options {
  const { group, scale, colours } = latest.current;
  return {
    width: Math.max(1, Math.round(scale.widthPx)),
    height: counterHeightPx,
    // Above the highest line is the label of the axis.
    padding: [12, 0, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [latest.current.scale.startNs, latest.current.scale.endNs] },
      y: { range: () => [0, groupTop(latest.current.group)] },
    },
    axes: [{ show: false }, { show: false }],
    series: [
      {},
      ...group.counters.map((counter, index): uPlot.Series => {
        const dash = counterDashes[index % counterDashes.length] ?? [];
        const series: uPlot.Series = {
          label: counter.name,
          stroke: colours[index] ?? "gray",
          width: 1.5,
          spanGaps: true,
          // A line of one point cannot be seen otherwise.
          points: { show: (drawn) => drawn.data[0].length === 1 },
        };
        return dash.length > 0 ? { ...series, dash: [...dash] } : series;
      }),
    ],
    hooks: { drawClear: [(drawn) => paintGrid(drawn, latest.current)] },
  };
}

function paintGrid(drawn: uPlot, { ticks, scale, lineColour }: CounterChartProps): void {
  const { ctx, bbox } = drawn;
  ctx.save();
  ctx.fillStyle = lineColour;
  for (const tick of ticks) {
    ctx.fillRect(Math.round(Math.round(pxOf(scale, tick.timeNs)) * uPlot.pxRatio), bbox.top, 1, bbox.height);
  }
  ctx.fillRect(bbox.left, bbox.top + bbox.height - 1, bbox.width, 1);
  ctx.restore();
}

/** One shared time column where the counters were read together, else the union of their times. */
function dataOf({ counters }: CounterGroup): uPlot.AlignedData {
  const first = counters[0];
  if (first === undefined) return [new Float64Array(0)];
  const together = counters.every(
    ({ time }) =>
      time.length === first.time.length &&
      time[0] === first.time[0] &&
      time[time.length - 1] === first.time[first.time.length - 1],
  );
  if (together) return [first.time, ...counters.map((counter) => counter.value)];
  return uPlot.join(counters.map((counter): uPlot.AlignedData => [counter.time, counter.value]));
}
