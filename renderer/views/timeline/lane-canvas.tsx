import { useEffect, useRef } from "react";
import type { TimelineTable } from "#core/model/tables.ts";
import { createFrameBatch } from "../../widgets/frame-batch.ts";
import { type LaneColours, laneHeightPx, paintLanes } from "./lane-painter.ts";
import type { Tick, TimeScale } from "./time-scale.ts";

export interface LaneCanvasProps {
  readonly table: TimelineTable;
  readonly scale: TimeScale;
  readonly ticks: readonly Tick[];
  readonly colours: LaneColours;
  readonly threads: readonly number[] | null;
}

export function LaneCanvas({ table, scale, ticks, colours, threads }: LaneCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const batch = useRef(createFrameBatch());
  useEffect(() => {
    batch.current.request(() => {
      if (canvas.current === null) return;
      const isFaint = (lane: { readonly thread: number }) =>
        threads !== null && !threads.includes(lane.thread);
      paintLanes(canvas.current, { table, scale, ticks, colours, isFaint });
    });
  }, [table, scale, ticks, colours, threads]);
  useEffect(() => {
    const waiting = batch.current;
    return () => waiting.dispose();
  }, []);
  return (
    <canvas ref={canvas} className="timeline-canvas" style={{ height: table.lanes.length * laneHeightPx }} />
  );
}
