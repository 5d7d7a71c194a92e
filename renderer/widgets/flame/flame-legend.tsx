import type { FunctionKind } from "#core/model/profile.ts";
import { inlinedSign, kindSign, kindTitle } from "../function-text.ts";

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
          {kindSign(kind) === "" ? null : <span className="flame-sign">{kindSign(kind)}</span>}
          {kindTitle(kind)}
        </li>
      ))}
      {inlined ? (
        <li>
          <span className="flame-sign">{inlinedSign}</span>inlined
        </li>
      ) : null}
    </ul>
  );
}
