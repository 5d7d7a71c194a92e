import type { Drawing } from "./blocks.ts";
import { LETTER, MARGIN, ROW } from "./frame.ts";

/** Boxes of a flame graph as the report's script expects them, with its line of details and its controls: once a report. */
export function boxesOf(graph: {
  readonly hint: string;
  readonly label: string;
  readonly inner: number;
  /** The deepest box, the root of all not counted; -1 for no boxes. */
  readonly deepest: number;
  boxes(graphTop: number): Iterable<string>;
}): Drawing {
  const { hint, label, inner, deepest, boxes } = graph;
  const right = MARGIN + inner;
  const button = (id: string, x: number, text: string): string =>
    `<text id="${id}" class="button" role="button" tabindex="0" x="${x}" y="16" text-anchor="end">${text}</text>`;
  return {
    height: deepest < 0 ? GRAPH_TOP : GRAPH_TOP + (deepest + 2) * ROW + 8,
    *markup() {
      yield `<text id="details" x="${MARGIN}" y="16">${hint}</text>\n`;
      // Shown by the script, which is what they are for.
      yield `<g class="controls" style="display:none"><text id="matched" class="dim" x="${right - 270}" y="16" text-anchor="end"></text>`;
      yield `${button("clear", right - 180, "Clear search")}${button("reset", right - 90, "Reset zoom")}${button("search", right, "Search (Ctrl-F)")}</g>\n`;
      yield `<g id="graph" role="group" aria-label="${label}" data-left="${MARGIN}" data-width="${inner}" data-row="${ROW}" data-letter="${LETTER}">\n`;
      yield* boxes(GRAPH_TOP);
      yield "</g>\n";
    },
  };
}

const GRAPH_TOP = 34;

/** Boxes without the script's controls, which are of one graph a report. */
export const stillBoxes = (deepest: number, boxes: (graphTop: number) => Iterable<string>): Drawing => ({
  height: 4 + (deepest + 2) * ROW,
  markup: () => boxes(2),
});

export const deepestOf = ({
  depth,
  length,
}: {
  readonly depth: Int32Array;
  readonly length: number;
}): number => (length === 0 ? -1 : depth.reduce((most, each) => Math.max(most, each), 0));

/** A drawing that is as wide as the paper, on a page of its own scale. */
export function* drawingHtml({ height, markup }: Drawing, inner: number, label: string): Iterable<string> {
  yield `<div class="scroll">\n<svg width="${inner}" height="${height}" viewBox="${MARGIN} 0 ${inner} ${height}" role="group" aria-label="${label}">\n`;
  yield* markup();
  yield "</svg>\n</div>\n";
}
