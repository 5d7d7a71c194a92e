import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { isPerfPipe } from "./shared/perf-data-header.ts";
import { PerfPipeParser } from "./shared/perf-pipe-parser.ts";

/** What `perf record -o -` writes: perf.data from front to back, live or from a file that `perf report -i` opens too. */
export const perfPipe: StreamImporter = {
  id: "perf-pipe",
  title: "perf.data of a pipe",
  extensions: ["data", "perf"],
  order: 23,
  kind: "stream",
  sniff: (head) => isPerfPipe(head),
  open: (out: ProfileBuilder, context: ImportContext): StreamParser => {
    out.meta({ format: perfPipe.id, tool: "perf" });
    return new PerfPipeParser(out, context);
  },
};
