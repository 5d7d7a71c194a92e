import type { CSSProperties } from "react";
import { formatPercent } from "#core/base/numbers.ts";
import { frameCss, frameHue } from "#core/model/colour.ts";
import { type FunctionPlace, shortPath } from "./function-rows.ts";
import { kindTitle, plainName } from "./function-text.ts";
import "./function-cells.css";

/** A function in a table: its colour, its name, what kind it is, where it is. */
export function FunctionCell({
  place,
  matched = false,
}: {
  readonly place: FunctionPlace;
  readonly matched?: boolean;
}) {
  const name = plainName(place.name);
  const where = [place.at, place.binary].filter((part) => part !== "");
  return (
    <span className="function-cell" title={[name, ...where].join("\n")} style={swatchOf(place)}>
      <span className="function-main">
        <span className="function-swatch" aria-hidden="true" />
        <span className="function-name">{name}</span>
        {place.kind === "native" || place.kind === "unknown" ? null : (
          <span className="function-kind">{kindTitle(place.kind)}</span>
        )}
        {matched ? <span className="visually-hidden">matches the search</span> : null}
      </span>
      <span className="function-place">{where.map(shortPath).join(" · ")}</span>
    </span>
  );
}

/** The colour of the function in every view; the style sheet takes the one of its theme. */
function swatchOf({ kind, binary, name }: FunctionPlace): CSSProperties {
  const properties: Record<`--${string}`, string> = {
    "--swatch-light": frameCss(frameHue(kind, binary, name, "light")),
    "--swatch-dark": frameCss(frameHue(kind, binary, name, "dark")),
  };
  return properties;
}

interface ShareCellProps {
  readonly value: number;
  readonly whole: number;
  readonly kind: "self" | "total";
}

/** A share as a bar and a number. */
export function ShareCell({ value, whole, kind }: ShareCellProps) {
  const share = whole > 0 ? Math.min(1, Math.max(0, value / whole)) : 0;
  return (
    <span className="share-cell">
      <span className="share-bar" aria-hidden="true">
        <span className="share-bar-fill" data-kind={kind} style={{ width: `${(share * 100).toFixed(2)}%` }} />
      </span>
      <span className="share-percent">{formatPercent(value, whole)}</span>
    </span>
  );
}
