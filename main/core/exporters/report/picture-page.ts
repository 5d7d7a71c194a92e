import type { Drawing } from "./blocks.ts";
import { darkStyle, LETTER, LONGEST_TITLE, MARGIN, style } from "./frame.ts";
import { reportScript } from "./script.ts";
import { clippedXml, xmlText } from "./xml-text.ts";

/** Lines of what the person has to say; a page has room for more. */
const MOST_NOTES = 40;
const LINE_PX = 18;
const GAP_PX = 16;
const FOOT_PX = 34;

/**
 * A report as one SVG without references to anything outside it: a title, notes, and what was drawn, one below the other. It is
 * complete without scripts; where scripts run, its own small one zooms, searches and shows details.
 */
export function* pictureOf(report: {
  readonly width: number;
  readonly title: string;
  /** For who cannot see it. */
  readonly description: string;
  readonly notes: string;
  readonly drawings: readonly Drawing[];
}): Iterable<string> {
  const { width, title, description, notes, drawings } = report;
  const inner = width - 2 * MARGIN;
  const lines = notes.split(/\r?\n/).filter((line) => line.trim() !== "");
  const head: string[] = [
    `<text class="title" x="${MARGIN}" y="${MARGIN + 18}">${clippedXml(title, Math.floor(inner / 11))}</text>\n`,
  ];
  let y = MARGIN + 32;
  for (const line of lines.slice(0, MOST_NOTES)) {
    head.push(`<text x="${MARGIN}" y="${y + 13}">${clippedXml(line, Math.floor(inner / LETTER))}</text>\n`);
    y += LINE_PX;
  }
  if (lines.length > 0) y += GAP_PX / 2;
  const tops = drawings.map((drawing) => {
    const top = y;
    y += drawing.height + GAP_PX;
    return top;
  });
  const height = Math.ceil(y + FOOT_PX);
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-labelledby="report-title report-description">\n`;
  yield `<title id="report-title">${clippedXml(title, LONGEST_TITLE)}</title>\n`;
  yield `<desc id="report-description">${xmlText(description)}</desc>\n`;
  yield `<style>${style}</style>\n<style>${darkStyle}</style>\n`;
  yield `<rect class="page" width="${width}" height="${height}" fill="none"/>\n`;
  yield* head;
  for (const [at, { markup }] of drawings.entries()) {
    yield `<g transform="translate(0 ${tops[at]})">\n`;
    yield* markup();
    yield "</g>\n";
  }
  yield `<text class="dim" x="${MARGIN}" y="${height - 14}">Made by Flamewright</text>\n`;
  yield `<script>//<![CDATA[\n${reportScript}//]]></script>\n</svg>\n`;
}
