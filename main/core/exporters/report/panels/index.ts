import { throwProblem } from "../../../base/result.ts";
import { advice } from "./advice.ts";
import { callers } from "./callers.ts";
import { callgraph } from "./callgraph.ts";
import { flame, inverted } from "./flame.ts";

import { heatmap } from "./heatmap.ts";
import { io } from "./io.ts";
import { locks } from "./locks.ts";
import { memory } from "./memory.ts";
import { metadata } from "./metadata.ts";
import type { ReportPanel } from "./report-panel.ts";
import { stacks } from "./stacks.ts";
import { timeline } from "./timeline.ts";
import { top } from "./top.ts";
import { tree } from "./tree.ts";

/** One line a panel, in the order of the page. */
export const reportPanels: readonly ReportPanel[] = [
  metadata,
  advice,
  timeline,
  memory,
  locks,
  io,
  heatmap,
  flame,
  inverted,
  top,
  callers,
  tree,
  callgraph,
  stacks,
];

/** Those of these ids, in the order of the page; null for those that a report has by itself. */
export function chosenPanels<P extends { readonly id: string; readonly isDefault: boolean }>(
  panels: readonly P[],
  ids: readonly string[] | null,
): readonly P[] {
  if (ids === null) return panels.filter(({ isDefault }) => isDefault);
  const stray = ids.find((id) => !panels.some((panel) => panel.id === id));
  if (stray !== undefined)
    throwProblem(
      "no-such-panel",
      `The report has no panel ${JSON.stringify(stray)}.`,
      `Choose of: ${panels.map(({ id }) => id).join(", ")}.`,
    );
  return panels.filter(({ id }) => ids.includes(id));
}
