import { collapsed } from "./collapsed.ts";
import type { Exporter } from "./exporter.ts";
import { json } from "./json.ts";
import { svg } from "./svg.ts";

/** One line a format; the first is offered first. */
export const exporters: readonly Exporter[] = [svg, collapsed, json];

export const findExporter = (id: string): Exporter | null => exporters.find((each) => each.id === id) ?? null;
