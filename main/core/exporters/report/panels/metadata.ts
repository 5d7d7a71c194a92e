import type { InfoTable } from "../../../model/tables.ts";
import { reportFacts } from "../facts.ts";
import { clippedXml, xmlText } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** What was recorded, with which command, how, and what the reader of the file could not read. */
export const metadata: ReportPanel = {
  id: "metadata",
  title: "What was recorded",
  isDefault: true,
  *write({ info, flame, selection }) {
    yield section("metadata", "What was recorded");
    yield* facts(reportFacts(info, flame, selection), info);
    yield "</section>\n";
  },
};

function* facts(rows: readonly [string, string][], info: InfoTable): Iterable<string> {
  yield "<dl>\n";
  for (const [name, text] of rows) {
    const isWide = text.length > 60;
    yield `<dt>${xmlText(name)}</dt><dd${isWide ? ' class="wide"' : ""}>${clippedXml(text, 2000)}</dd>\n`;
  }
  yield "</dl>\n";
  if (info.notes.length > 0) {
    yield '<div class="notes" role="note"><strong>What to know about these numbers</strong>\n<ul>\n';
    for (const note of info.notes) yield `<li>${clippedXml(note, 2000)}</li>\n`;
    yield "</ul></div>\n";
  }
  yield `<details><summary>What was read</summary>\n<ul class="read">\n`;
  for (const line of info.read) yield `<li>${clippedXml(line, 2000)}</li>\n`;
  yield "</ul></details>\n";
}
