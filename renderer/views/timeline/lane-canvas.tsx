import { useEffect, useRef } from "react";
import type { TimelineTable } from "#core/model/tables.ts";
import { createFrameBatch } from "../../widgets/frame-batch.ts";
import type { Tick, TimeScale } from "../../widgets/time-scale.ts";
import { type LaneColours, paintLanes } from "./lane-painter.ts";
import type { TimelineRow } from "./timeline-rows.ts";
import { fullLane } from "./timeline-values.ts";

export interface LaneCanvasProps {
  readonly table: TimelineTable;
  readonly rows: readonly TimelineRow[];
  readonly scale: TimeScale;
  readonly lanePx: number;
  readonly ticks: readonly Tick[];
  readonly colours: LaneColours;
  readonly threads: readonly number[] | null;
}

export function LaneCanvas({ table, rows, scale, lanePx, ticks, colours, threads }: LaneCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const batch = useRef(createFrameBatch());
  useEffect(() => {
    batch.current.request(() => {
      if (canvas.current === null) return;
      const isFaint = (lane: { readonly thread: number }) =>
        threads !== null && !threads.includes(lane.thread);
      const full = fullLane(table);
      paintLanes(canvas.current, { table, rows, scale, lanePx, ticks, colours, full, isFaint });
    });
  }, [table, rows, scale, lanePx, ticks, colours, threads]);
  useEffect(() => {
    const waiting = batch.current;
    return () => waiting.dispose();
  }, []);
  return <canvas ref={canvas} className="timeline-canvas" style={{ height: rows.length * lanePx }} />;
}
