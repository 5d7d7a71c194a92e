import { SaxesParser } from "saxes";
import { textOf } from "../bytes/ascii.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { XctraceRows } from "./shared/xctrace-rows.ts";

/**
 * XML of `xctrace export --xpath '.../table[@schema="time-profile"]'`: rows of Instruments' tables. A table with stacks is a
 * series, one with durations is intervals. What was said once has an id, and is only referred to after that.
 * https://keith.github.io/xcode-man-pages/xctrace.1.html
 */
export const xctrace: StreamImporter = {
  id: "xctrace",
  title: "Instruments (xctrace export)",
  extensions: ["xml"],
  order: 225,
  kind: "stream",
  sniff: (head) =>
    /^\ufeff?\s*(<\?xml[^>]*\?>\s*)?<trace-query-result[\s>]/.test(textOf(head.subarray(0, 4096))),
  open: (out, context) => createParser(out, context),
};

/** Texts are numbers, names and paths; more is damage. */
const MAX_TEXT = 1 << 20;
const MAX_OPEN = 100_000;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const parser = new SaxesParser();
  const decoder = new TextDecoder();
  const rows = new XctraceRows(out, limits);
  let text = "";
  let depth = 0;
  let fault: string | null = null;

  parser.on("opentag", ({ name, attributes }) => {
    text = "";
    if (++depth > MAX_OPEN) fault ??= "it is nested too deeply";
    else rows.open(name, attributes);
  });
  parser.on("text", (piece) => {
    if (text.length < MAX_TEXT) text += piece;
  });
  parser.on("closetag", () => {
    if (depth-- <= MAX_OPEN) rows.close(text.trim());
    text = "";
  });
  parser.on("error", (problem) => {
    fault ??= problem.message;
  });
  out.meta({ format: xctrace.id, tool: "Instruments" });
  return {
    push: (chunk) => {
      if (fault === null) parser.write(decoder.decode(chunk, { stream: true }));
    },
    end: () => {
      if (fault === null) parser.close();
      if (fault !== null) out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
      rows.finish();
    },
  };
}
