import type { LaneColours } from "./lane-painter.ts";

/** The theme's colours, for what is drawn on canvas. */
export function timelineColours(): LaneColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    lane: colour("--lane"),
    lit: colour("--lane-lit"),
    line: colour("--border"),
    text: colour("--text"),
    font: `${colour("--text-xs")} ${colour("--font")}`,
    series: ["--series-1", "--series-2", "--series-3", "--series-4"].map(colour),
  };
}
