import { useLayoutEffect, useRef } from "react";
import type { FrameDetails } from "./flame-text.ts";

export interface FlameTip {
  readonly details: FrameDetails;
  /** The pointer, or the lower left corner of the focused frame, in client pixels. */
  readonly x: number;
  readonly y: number;
  readonly swatch: string;
}

const gapPx = 14;
const marginPx = 6;

/** Beside the pointer, inside the window. Every text is a text node. */
export function FlameTooltip({ tip }: { readonly tip: FlameTip }) {
  const reference = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = reference.current;
    if (element === null) return;
    const box = element.getBoundingClientRect();
    const right = tip.x + gapPx + box.width + marginPx > window.innerWidth;
    const below = tip.y + gapPx + box.height + marginPx > window.innerHeight;
    const left = right ? tip.x - gapPx - box.width : tip.x + gapPx;
    const top = below ? tip.y - gapPx - box.height : tip.y + gapPx;
    element.style.transform = `translate(${Math.round(Math.max(marginPx, left))}px, ${Math.round(Math.max(marginPx, top))}px)`;
  }, [tip]);
  const { details } = tip;
  const place = [details.place, details.binary].filter((part) => part !== "");
  return (
    <div className="flame-tip" ref={reference} role="tooltip">
      <div className="flame-tip-name">{details.name}</div>
      {details.weight === "" ? null : <div className="flame-tip-weight">{details.weight}</div>}
      {details.interval === "" ? null : <div className="flame-tip-line">{details.interval}</div>}
      {details.self === "" ? null : <div className="flame-tip-line">{details.self}</div>}
      {details.ofZoomed === "" ? null : <div className="flame-tip-line">{details.ofZoomed}</div>}
      {details.facts.map((fact) => (
        <div className="flame-tip-line" key={fact}>
          {fact}
        </div>
      ))}
      {place.map((part) => (
        <div className="flame-tip-place" key={part}>
          {part}
        </div>
      ))}
      <div className="flame-tip-kind">
        <span className="flame-swatch" style={{ backgroundColor: tip.swatch }} aria-hidden="true" />
        {details.kind}
        {details.matched ? " · matches the search" : ""}
      </div>
    </div>
  );
}
