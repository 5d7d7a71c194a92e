import type { FunctionKind } from "#core/model/profile.ts";
import { inlinedSign, kindSign, kindTitle } from "../function-text.ts";
import { type Strip, stripDashes, stripOfKind } from "./flame-strip.ts";

export interface LegendEntry {
  readonly kind: FunctionKind;
  readonly swatch: string;
}

export interface FlameLegendProps {
  readonly entries: readonly LegendEntry[];
  readonly inlined: boolean;
}

/** What the colours and the signs before the names mean, for what is in the picture. */
export function FlameLegend({ entries, inlined }: FlameLegendProps) {
  return (
    <ul className="flame-legend" aria-label="Colours and signs">
      {entries.map(({ kind, swatch }) => (
        <li key={kind}>
          <span className="flame-swatch" style={{ backgroundColor: swatch }} aria-hidden="true" />
          <LegendStrip strip={stripOfKind(kind)} />
          {kindSign(kind) === "" ? null : <span className="flame-sign">{kindSign(kind)}</span>}
          {kindTitle(kind)}
        </li>
      ))}
      {inlined ? (
        <li>
          <LegendStrip strip="dashed" />
          <span className="flame-sign">{inlinedSign}</span>
          inlined
        </li>
      ) : null}
    </ul>
  );
}

function LegendStrip({ strip }: { readonly strip: Strip | null }) {
  if (strip === null) return null;
  return (
    <svg className="flame-legend-strip" width="20" height="3" aria-hidden="true">
      <line x1="0" x2="20" y1="1.5" y2="1.5" strokeDasharray={stripDashes[strip].join(" ")} />
    </svg>
  );
}
