import { collapsed } from "./collapsed.ts";
import { csv } from "./csv.ts";
import { d3Flame } from "./d3-flame.ts";
import type { Exporter } from "./exporter.ts";
import { firefox } from "./firefox.ts";
import { json } from "./json.ts";
import { pprof } from "./pprof.ts";
import { speedscope } from "./speedscope.ts";
import { svg } from "./svg.ts";

/** One line a format; the first is offered first. */
export const exporters: readonly Exporter[] = [
  svg,
  collapsed,
  pprof,
  speedscope,
  firefox,
  d3Flame,
  csv,
  json,
];

export const findExporter = (id: string): Exporter | null => exporters.find((each) => each.id === id) ?? null;
