import { throwProblem } from "../base/result.ts";
import { collapsed } from "./collapsed.ts";
import { csv } from "./csv.ts";
import { d3Flame } from "./d3-flame.ts";
import { dot } from "./dot.ts";
import type { Exporter } from "./exporter.ts";
import { firefox } from "./firefox.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { pprof } from "./pprof.ts";
import { speedscope } from "./speedscope.ts";
import { svg } from "./svg.ts";

/** One line a format; the first is offered first. */
export const exporters: readonly Exporter[] = [
  svg,
  html,
  collapsed,
  pprof,
  speedscope,
  firefox,
  d3Flame,
  dot,
  csv,
  json,
];

/** The exporter and what is wanted of it; a problem where one of them does not exist. */
export function exporterWith(id: string, options: readonly string[]): Exporter {
  const exporter = findExporter(id);
  if (!exporter) {
    return throwProblem(
      "no-such-exporter",
      `There is no export to ${JSON.stringify(id)}.`,
      "Choose one of the list.",
    );
  }
  const known = (exporter.options ?? []).map((option) => option.id);
  const stray = options.find((option) => !known.includes(option));
  if (stray === undefined) return exporter;
  return throwProblem(
    "no-such-option",
    `The export to ${id} has no option ${JSON.stringify(stray)}.`,
    known.length === 0 ? "Leave it out." : `The options are: ${known.join(", ")}.`,
  );
}

export const findExporter = (id: string): Exporter | null => exporters.find((each) => each.id === id) ?? null;
