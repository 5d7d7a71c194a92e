import { formatCount } from "../../base/numbers.ts";
import type { Finding } from "../../model/tables.ts";
import { wrapped } from "./blocks.ts";
import { LETTER, MARGIN } from "./frame.ts";
import { clip, clippedXml, xmlText } from "./xml-text.ts";

/** What may mislead the reader of a report, with the evidence and what to do: its reader was not there. */

/** The worst come first; who needs all of them opens the profile. */
const MOST_FINDINGS = 6;
const LONGEST_TEXT = 600;
const LINE_PX = 18;

const shownOf = (findings: readonly Finding[]): readonly Finding[] => findings.slice(0, MOST_FINDINGS);
const moreWords = (findings: readonly Finding[]): string => {
  const more = findings.length - MOST_FINDINGS;
  return more > 0 ? `and ${formatCount(more)} more` : "";
};
const signOf = ({ severity }: Finding): string => (severity === "warn" ? "Warning" : "Advice");

/** A block of a page; nothing where there is nothing to say. */
export function* adviceHtml(findings: readonly Finding[]): Iterable<string> {
  if (findings.length === 0) return;
  yield '<section id="advice" class="notes" aria-labelledby="advice-title"><h2 id="advice-title" class="advice-title">What may mislead here</h2>\n<ul>\n';
  for (const finding of shownOf(findings)) {
    const text = (words: string): string => clippedXml(words, LONGEST_TEXT);
    yield `<li><strong>${signOf(finding)}: ${text(finding.title)}.</strong> ${text(finding.evidence)} <em>${text(finding.fix)}</em></li>\n`;
  }
  const more = moreWords(findings);
  if (more !== "") yield `<li>${more}</li>\n`;
  yield "</ul></section>\n";
}

/** The same as lines of an SVG from `top` on, and where they end. */
export function adviceSvg(
  findings: readonly Finding[],
  top: number,
  inner: number,
): { readonly text: string; readonly bottom: number } {
  const indent = 90;
  const most = Math.floor((inner - indent) / LETTER);
  const lines: string[] = [];
  let y = top;
  for (const finding of shownOf(findings)) {
    const colour = finding.severity === "warn" ? "warn" : "dim";
    lines.push(`<text class="${colour}" x="${MARGIN}" y="${y}">${signOf(finding)}</text>`);
    const body = `${finding.title}. ${finding.evidence} ${finding.fix}`;
    for (const line of wrapped(clip(body, 2 * LONGEST_TEXT), most)) {
      lines.push(`<text x="${MARGIN + indent}" y="${y}">${xmlText(line)}</text>\n`);
      y += LINE_PX;
    }
  }
  const more = moreWords(findings);
  if (more !== "") {
    lines.push(`<text class="dim" x="${MARGIN + indent}" y="${y}">${more}</text>\n`);
    y += LINE_PX;
  }
  return { text: lines.join(""), bottom: y };
}
