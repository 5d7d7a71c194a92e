import type { FlameBox } from "./flame-geometry.ts";
import { outline, rowHeightPx, underline } from "./flame-geometry.ts";
import { type Strip, stripDashes } from "./flame-strip.ts";

const svgNamespace = "http://www.w3.org/2000/svg";

/** What lies over frames that are d3-flame-graph's. */
export interface OverlayMarks {
  readonly matched: readonly FlameBox[];
  readonly selected: readonly FlameBox[];
  readonly strips: Readonly<Record<Strip, readonly FlameBox[]>>;
}

export interface FlameOverlay {
  readonly size: (widthPx: number, heightPx: number) => void;
  /** null where the canvas has them. */
  readonly show: (marks: OverlayMarks | null) => void;
  readonly mark: (mark: "hover" | "focus", box: FlameBox | null) => void;
}

/** Matches are hatched as well as outlined: colour is never the only sign. */
export function createOverlay(overlay: SVGSVGElement): FlameOverlay {
  const add = (parent: SVGElement, name: string, attributes: Record<string, string>): SVGElement => {
    const element = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };
  overlay.replaceChildren();
  const hatchId = `flame-hatch-${Math.random().toString(36).slice(2)}`;
  const hatch = add(add(overlay, "defs", {}), "pattern", {
    id: hatchId,
    width: "6",
    height: "6",
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)",
  });
  add(hatch, "rect", { class: "flame-hatch", width: "2", height: "6" });
  const strip = (name: Strip): SVGElement =>
    add(overlay, "path", { class: "flame-strip", "stroke-dasharray": stripDashes[name].join(" ") });
  const strips: Readonly<Record<Strip, SVGElement>> = {
    solid: strip("solid"),
    dashed: strip("dashed"),
    dotted: strip("dotted"),
  };
  const matched = add(overlay, "path", { class: "flame-matched", fill: `url(#${hatchId})` });
  const selected = add(overlay, "path", { class: "flame-selected" });
  const marks = {
    hover: add(overlay, "rect", { class: "flame-hover", visibility: "hidden" }),
    focus: add(overlay, "rect", { class: "flame-focus", visibility: "hidden" }),
  };
  return {
    size: (widthPx, heightPx) => {
      overlay.setAttribute("width", String(widthPx));
      overlay.setAttribute("height", String(heightPx));
    },
    show: (shown) => {
      matched.setAttribute("d", outline(shown?.matched ?? []));
      selected.setAttribute("d", outline(shown?.selected ?? []));
      for (const name of ["solid", "dashed", "dotted"] as const)
        strips[name].setAttribute("d", underline(shown?.strips[name] ?? []));
    },
    mark: (mark, box) => {
      const element = marks[mark];
      element.setAttribute("visibility", box === null ? "hidden" : "visible");
      if (box === null) return;
      element.setAttribute("x", String(box.x + 0.5));
      element.setAttribute("y", String(box.y + 0.5));
      element.setAttribute("width", String(Math.max(1, box.width - 1)));
      element.setAttribute("height", String(rowHeightPx() - 1));
    },
  };
}
