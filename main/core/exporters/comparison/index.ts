import { throwProblem } from "../../base/result.ts";
import { collapsed } from "./collapsed.ts";
import type { ComparisonExporter } from "./comparison-exporter.ts";
import { csv } from "./csv.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { svg } from "./svg.ts";

/** What a comparison can be written as, one line each. */
export const comparisonExporters: readonly ComparisonExporter[] = [html, svg, csv, json, collapsed];

export function comparisonExporterWith(id: string): ComparisonExporter {
  const found = comparisonExporters.find((each) => each.id === id);
  if (found) return found;
  return throwProblem(
    "no-such-exporter",
    `A comparison is not written as ${JSON.stringify(id)}.`,
    `Choose one of: ${comparisonExporters.map((each) => each.id).join(", ")}.`,
  );
}
