import { textChunks } from "../text-chunks.ts";
import type { ComparisonExporter } from "./comparison-exporter.ts";

export const collapsed: ComparisonExporter = {
  id: "collapsed",
  title: "Collapsed stacks, two columns",
  purpose: "for flamegraph.pl, as difffolded.pl writes them",
  extension: "txt",
  mimeType: "text/plain",
  write: (request) => textChunks(request.collapsed()),
};
