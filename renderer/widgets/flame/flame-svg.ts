import { select } from "d3-selection";
import { boxOf, type FlameLook, rowHeightPx } from "./flame-geometry.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";
import type { LabelOf } from "./flame-text.ts";
import { instantFlameGraph } from "./instant-transitions.ts";

/**
 * What d3-flame-graph walks. The table comes laid out and sorted from the engine, so the root only has to hand over
 * the frames that are in view: laying out again would pack siblings to the left, over the room of frames that were
 * too narrow, and would make the picture jump while it grows.
 */
interface ChartRoot extends ChartDatum {
  readonly eachBefore: () => ChartRoot;
  readonly descendants: () => readonly ChartDatum[];
}

interface ChartDatum {
  readonly id: number;
  readonly depth: number;
  x0: number;
  x1: number;
  value: number;
  readonly label: string;
  readonly fill: string;
  readonly data: { readonly value: number; readonly fade: boolean };
}

/** What the chart is born with; the library would lay out anything more by its own rules. */
const nothing: unknown = { value: 0 };

const noTooltip = Object.assign(() => undefined, {
  show: () => undefined,
  hide: () => undefined,
  destroy: () => undefined,
});

export interface FlameSvg {
  /** Draws frames that are wide enough for a name; an empty list clears it. */
  readonly draw: (
    frames: readonly FlameFrame[],
    model: FlameModel,
    look: FlameLook,
    heightPx: number,
  ) => void;
  readonly dispose: () => void;
}

/** d3-flame-graph: four elements a frame, and names as text that the page's own search finds. */
export function createFlameSvg(host: HTMLElement, labelOf: LabelOf): FlameSvg {
  const selection = select<HTMLElement, unknown>(host);
  const graph = instantFlameGraph<ChartDatum>()
    .cellHeight(rowHeightPx())
    .transitionDuration(0)
    .sort(false)
    .tooltip(noTooltip)
    .getName((datum) => datum.label ?? "")
    .setColorMapper((datum) => datum.fill);
  let isBorn = false;
  let isEmpty = true;
  return {
    draw: (frames, model, look, heightPx) => {
      if (frames.length === 0 && isEmpty) return;
      graph.width(look.widthPx).height(heightPx).inverted(look.rootOnTop);
      if (!isBorn) graph(selection.datum(nothing));
      isBorn = true;
      isEmpty = frames.length === 0;
      const data = frames.map(
        (frame): ChartDatum => ({
          id: frame.id,
          depth: frame.depth,
          x0: frame.x0,
          x1: frame.x1,
          value: 0,
          label: labelOf(frame, boxOf(frame, look, heightPx).width),
          fill: look.fill(frame, model.table),
          data: { value: 0, fade: frame.ancestor },
        }),
      );
      selection.datum(chartRoot(data));
      graph.update();
      selection.select("svg").attr("height", heightPx).attr("aria-hidden", "true");
    },
    dispose: () => {
      if (isBorn) graph.destroy();
    },
  };
}

function chartRoot(data: readonly ChartDatum[]): ChartRoot {
  const root: ChartRoot = {
    id: Number.NaN,
    depth: 0,
    x0: 0,
    x1: 1,
    value: 0,
    label: "",
    fill: "",
    data: { value: 0, fade: false },
    eachBefore: () => root,
    descendants: () => data,
  };
  return root;
}
