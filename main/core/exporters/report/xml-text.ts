/** Text of a profile as XML text: nothing in it can end an element or an attribute, or act on the reading order. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 allows no other characters (section 2.2)
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;
const directional = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escaped for element content and for quoted attributes. Line breaks become spaces. */
export function xmlText(text: string): string {
  return text
    .replace(/[\t\r\n\u2028\u2029]+/g, " ")
    .replace(illegal, "\ufffd")
    .replace(directional, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** At most `most` characters (code points), with an ellipsis where it was cut. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  if (most < 1) return "";
  const characters = [...text.slice(0, most * 2)];
  return characters.length <= most && text.length <= most * 2
    ? text
    : `${characters.slice(0, Math.max(0, most - 1)).join("")}…`;
}

export const clippedXml = (text: string, most: number): string => xmlText(clip(text, most));
