import type { CSSProperties } from "react";
import { formatPercent, formatValue } from "#core/base/numbers.ts";
import { intervalWords, shareInterval } from "#core/base/shares.ts";
import { colourScheme, frameCss, frameHue } from "#core/model/colour.ts";
import { type FunctionPlace, shortPath } from "./function-rows.ts";
import { kindTitle, plainName } from "./function-text.ts";
import { sayAs } from "./table-text.ts";
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
    <span className="function-cell" title={[name, ...where].join("\n")}>
      <span className="function-main">
        <span className="function-swatch" style={swatchOf(place)} />
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

sayAs(FunctionCell, ({ place }) => plainName(place.name));

const swatches = new Map<string, CSSProperties>();
const mostSwatches = 5_000;

/** The colour of the function in every view; the style sheet takes the one of its theme. Live tables ask ten times a second. */
function swatchOf({ kind, binary, name }: FunctionPlace): CSSProperties {
  const scheme = colourScheme();
  const key = `${scheme}\n${kind}\n${binary}\n${name}`;
  const known = swatches.get(key);
  if (known !== undefined) return known;
  if (swatches.size >= mostSwatches) swatches.clear();
  const properties: Record<`--${string}`, string> = {
    "--swatch-light": frameCss(frameHue(kind, binary, name, "light")),
    "--swatch-dark": frameCss(frameHue(kind, binary, name, "dark")),
  };
  swatches.set(key, properties);
  return properties;
}

interface ShareCellProps {
  readonly value: number;
  readonly whole: number;
  readonly kind: "self" | "total";
  /** Of the table; missing for exact shares. */
  readonly sampleSize?: number;
  /** Of the value, for the tip: "self 368 of 1,188 samples". */
  readonly unit?: string;
}

/** A share as a bar and a number; a line in the bar is where the true share lies with 95 % certainty. */
export function ShareCell({ value, whole, kind, sampleSize = 0, unit = "" }: ShareCellProps) {
  const share = whole > 0 ? Math.min(1, Math.max(0, value / whole)) : 0;
  const sampled = { totalValue: whole, sampleSize };
  const interval = shareInterval(value, sampled);
  const words = [
    ...(unit === ""
      ? []
      : [
          `${kind} ${formatPercent(value, whole)}: ${formatValue(value, unit)} of ${formatValue(whole, unit)}`,
        ]),
    intervalWords(value, sampled),
  ]
    .filter(Boolean)
    .join("\n");
  return (
    <span className="share-cell" title={words === "" ? undefined : words}>
      <span className="share-bar" aria-hidden="true" data-kind={kind} style={barOf(share, interval)} />
      <span className="share-percent">{formatPercent(value, whole)}</span>
    </span>
  );
}

/** A tenth of a pixel of the bar: what cannot be seen is not styled again. */
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** What the style sheet draws: the share, and the line of its interval over it. */
function barOf(share: number, interval: readonly [number, number] | null): CSSProperties {
  const properties: Record<`--${string}`, string> = {
    "--share": percent(share),
    "--from": percent(interval?.[0] ?? 0),
    "--to": percent(interval?.[1] ?? 0),
  };
  return properties;
}

sayAs(ShareCell, ({ value, whole }) => formatPercent(value, whole));
