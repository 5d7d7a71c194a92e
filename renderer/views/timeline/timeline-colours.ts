import type { LaneColours } from "./lane-painter.ts";

export interface TimelineColours extends LaneColours {
  readonly series: readonly string[];
}

/** The theme's colours, for what is drawn on canvas. */
export function timelineColours(): TimelineColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    lane: colour("--lane"),
    lit: colour("--lane-lit"),
    line: colour("--border"),
    series: ["--series-1", "--series-2", "--series-3", "--series-4"].map(colour),
  };
}
