import type { StreamImporter } from "./importer.ts";
import { PerfScriptParser } from "./shared/perf-script-parser.ts";
import { looksLikePerfScript } from "./shared/perf-sniff.ts";

/** Text of `perf script`, from a file or live: https://man7.org/linux/man-pages/man1/perf-script.1.html */
export const perfScript: StreamImporter = {
  id: "perf-script",
  title: "perf script",
  extensions: ["perf", "txt", "script"],
  order: 200,
  kind: "stream",
  sniff: (head) => looksLikePerfScript(head),
  open: (out, context) => {
    out.meta({ format: perfScript.id, tool: "perf" });
    return new PerfScriptParser(out, context);
  },
};
