/** The part of d3-flame-graph 5 that is used here; the package has no types of its own. */
declare module "d3-flame-graph" {
  import type { BaseType, Selection } from "d3-selection";

  interface FlameTooltip {
    (svg: unknown): void;
    show: () => void;
    hide: () => void;
    destroy: () => void;
  }

  interface FlameGraph<Datum> {
    (selection: Selection<HTMLElement, unknown, BaseType, unknown>): FlameGraph<Datum>;
    width(widthPx: number): FlameGraph<Datum>;
    height(heightPx: number): FlameGraph<Datum>;
    cellHeight(heightPx: number): FlameGraph<Datum>;
    inverted(rootOnTop: boolean): FlameGraph<Datum>;
    sort(sorted: boolean): FlameGraph<Datum>;
    transitionDuration(durationMs: number): FlameGraph<Datum>;
    tooltip(tooltip: FlameTooltip): FlameGraph<Datum>;
    getName(name: (datum: Datum) => string): FlameGraph<Datum>;
    setColorMapper(fill: (datum: Datum, original: string) => string): FlameGraph<Datum>;
    update(): FlameGraph<Datum>;
    destroy(): FlameGraph<Datum>;
  }

  // biome-ignore lint/style/noDefaultExport: this is how the package exports it.
  export default function flamegraph<Datum>(): FlameGraph<Datum>;
}
