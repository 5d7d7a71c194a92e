import type { InfoTable } from "../../../model/tables.ts";
import type { Drawing } from "../blocks.ts";
import { reportFacts } from "../facts.ts";
import { LETTER, MARGIN } from "../frame.ts";
import { clippedXml, xmlText } from "../xml-text.ts";
import { type ReportPanel, section } from "./report-panel.ts";

/** What was recorded, with which command, how, and what the reader of the file could not read. */
export const metadata: ReportPanel = {
  id: "metadata",
  title: "What was recorded",
  isDefault: true,
  isInPicture: true,
  draw: ({ info, flame, selection, inner }) =>
    factLines(reportFacts(info, flame, selection), info.notes, inner),
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

const LINE_PX = 18;
const NAME_PX = 90;
const MOST_NOTES = 8;

/** In two columns, where the texts are short enough. */
function factLines(facts: readonly [string, string][], notes: readonly string[], inner: number): Drawing {
  const perLine = Math.floor(inner / LETTER);
  const half = Math.floor(inner / 2);
  const lines: string[] = [];
  let y = 0;
  let column = 0;
  for (const [name, text] of facts) {
    const isWide = text.length > Math.floor((half - 110) / LETTER);
    if (isWide && column === 1) {
      column = 0;
      y += LINE_PX;
    }
    const x = MARGIN + column * half;
    const most = isWide ? perLine - 14 : Math.floor((half - 100) / LETTER);
    lines.push(`<text class="dim" x="${x}" y="${y + 13}">${name}</text>`);
    lines.push(`<text x="${x + NAME_PX}" y="${y + 13}">${clippedXml(text, most)}</text>\n`);
    column = isWide ? 0 : 1 - column;
    if (column === 0) y += LINE_PX;
  }
  if (column === 1) y += LINE_PX;
  for (const note of notes.slice(0, MOST_NOTES)) {
    lines.push(`<text class="dim" x="${MARGIN}" y="${y + 13}">Note</text>`);
    lines.push(`<text x="${MARGIN + NAME_PX}" y="${y + 13}">${clippedXml(note, perLine - 14)}</text>\n`);
    y += LINE_PX;
  }
  return { height: y, markup: () => lines };
}
