import { PointerTip } from "../pointer-tip.tsx";
import type { FrameDetails } from "./flame-text.ts";

export interface FlameTip {
  readonly details: FrameDetails;
  /** The pointer, or the lower left corner of the focused frame, in client pixels. */
  readonly x: number;
  readonly y: number;
  readonly swatch: string;
}

/** Every text is a text node. */
export function FlameTooltip({ tip }: { readonly tip: FlameTip }) {
  const { details } = tip;
  const place = [details.place, details.binary].filter((part) => part !== "");
  return (
    <PointerTip x={tip.x} y={tip.y}>
      <div className="pointer-tip-name">{details.name}</div>
      {details.weight === "" ? null : <div className="flame-tip-weight">{details.weight}</div>}
      {details.interval === "" ? null : <div className="pointer-tip-line">{details.interval}</div>}
      {details.self === "" ? null : <div className="pointer-tip-line">{details.self}</div>}
      {details.ofZoomed === "" ? null : <div className="pointer-tip-line">{details.ofZoomed}</div>}
      {details.facts.map((fact) => (
        <div className="pointer-tip-line" key={fact}>
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
    </PointerTip>
  );
}
