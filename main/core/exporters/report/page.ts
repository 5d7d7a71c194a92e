import { htmlScript, htmlScriptHash } from "./html-script.ts";
import { htmlStyle } from "./html-style.ts";
import { clippedXml, xmlText } from "./xml-text.ts";

/** What every page of a report has around its parts. */

const LONGEST_TITLE = 400;
const LONGEST_NOTES = 20_000;

/** Up to the end of the list of parts, within the header. */
export function* pageHead(
  title: string,
  sections: readonly { readonly id: string; readonly title: string }[],
): Iterable<string> {
  yield `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n`;
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${htmlScriptHash}'; base-uri 'none'; form-action 'none'"/>\n`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1"/>\n`;
  yield `<title>${clippedXml(title, LONGEST_TITLE)}</title>\n<style>${htmlStyle}</style>\n</head>\n<body>\n`;
  yield `<header><h1>${clippedXml(title, LONGEST_TITLE)}</h1>\n`;
  const links = sections.map(({ id, title: part }) => `<a href="#${id}">${part}</a>`);
  if (links.length > 1) yield `<nav aria-label="Parts of the report">${links.join("")}</nav>\n`;
}

/** What the person has to say: text, its lines as they are. */
export function* userNotes(notes: string): Iterable<string> {
  const text = notes.trim();
  if (text === "") return;
  yield '<div class="user-notes">\n';
  for (const line of text.slice(0, LONGEST_NOTES).split(/\r?\n/))
    yield line.trim() === "" ? "<br/>\n" : `<p>${xmlText(line)}</p>\n`;
  yield "</div>\n";
}

export function* pageTail(): Iterable<string> {
  yield `</main>\n<footer>Made by Flamewright</footer>\n<script>${htmlScript}</script>\n</body>\n</html>\n`;
}
