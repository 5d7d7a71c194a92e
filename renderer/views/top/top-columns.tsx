import type { CSSProperties } from "react";
import { formatCount, formatPercent, formatValue } from "#core/base/numbers.ts";
import { frameCss, frameHue } from "#core/model/colour.ts";
import type { TopTable } from "#core/model/tables.ts";
import { kindTitle, plainName } from "../../widgets/function-text.ts";
import type { GridColumn } from "../../widgets/grid.tsx";
import { placeOf, shortPath, type TopPlace } from "./top-rows.ts";

/** Samples that all count 1 need no second column of the same numbers. */
function hasWeights(table: TopTable): boolean {
  return table.unit !== "samples" && !(table.unit === "count" && table.totalValue === table.totalSamples);
}

/** The columns of a table; a row is its index. */
export function topColumns(table: TopTable): readonly GridColumn<number>[] {
  const self = (row: number): number => table.self[row] ?? 0;
  const total = (row: number): number => table.total[row] ?? 0;
  const weight = (
    id: string,
    title: string,
    value: (row: number) => number,
    fromPx: number,
  ): GridColumn<number> => ({
    id,
    title,
    track: "76px",
    align: "end",
    fromPx,
    cell: (row) => formatValue(value(row), table.unit),
  });
  const weighted = hasWeights(table);
  return [
    {
      id: "name",
      title: "Function",
      track: "minmax(160px, 1fr)",
      sortable: true,
      cell: (row) => <FunctionCell table={table} row={row} />,
    },
    {
      id: "self",
      title: "Self %",
      track: "minmax(88px, 140px)",
      align: "end",
      sortable: true,
      cell: (row) => <ShareCell value={self(row)} whole={table.totalValue} kind="self" />,
    },
    ...(weighted ? [weight("self-value", "Self", self, 640)] : []),
    {
      id: "total",
      title: "Total %",
      track: "minmax(88px, 140px)",
      align: "end",
      sortable: true,
      cell: (row) => <ShareCell value={total(row)} whole={table.totalValue} kind="total" />,
    },
    ...(weighted ? [weight("total-value", "Total", total, 560)] : []),
    {
      id: "samples",
      title: "Samples",
      track: "68px",
      align: "end",
      fromPx: 480,
      // In a series of samples the values are the counts: a collapsed stack is one row for many.
      cell: (row) => formatCount(table.unit === "samples" ? total(row) : (table.totalSamplesOf[row] ?? 0)),
    },
  ];
}

function FunctionCell({ table, row }: { readonly table: TopTable; readonly row: number }) {
  const place = placeOf(table, row);
  const name = plainName(place.name);
  const where = [place.at, place.binary].filter((part) => part !== "");
  return (
    <span className="top-function" title={[name, ...where].join("\n")} style={swatchOf(place)}>
      <span className="top-main">
        <span className="top-swatch" aria-hidden="true" />
        <span className="top-name">{name}</span>
        {place.kind === "native" || place.kind === "unknown" ? null : (
          <span className="top-kind">{kindTitle(place.kind)}</span>
        )}
        {table.matched[row] === 1 ? <span className="visually-hidden">matches the search</span> : null}
      </span>
      <span className="top-place">{where.map(shortPath).join(" · ")}</span>
    </span>
  );
}

/** The colour of the function in every view; the style sheet takes the one of its theme. */
function swatchOf({ kind, binary, name }: TopPlace): CSSProperties {
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

function ShareCell({ value, whole, kind }: ShareCellProps) {
  const share = whole > 0 ? Math.min(1, Math.max(0, value / whole)) : 0;
  return (
    <span className="top-share">
      <span className="top-bar" aria-hidden="true">
        <span className="top-bar-fill" data-kind={kind} style={{ width: `${(share * 100).toFixed(2)}%` }} />
      </span>
      <span className="top-percent">{formatPercent(value, whole)}</span>
    </span>
  );
}
