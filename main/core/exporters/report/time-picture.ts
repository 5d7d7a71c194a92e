import { formatDuration } from "../../base/numbers.ts";
import { pixel } from "./frame.ts";
import { clippedXml } from "./xml-text.ts";

/** What pictures over time share: a line of words, what is drawn below it, and the axis under all of them. */

export const HEAD_PX = 18;
export const AXIS_PX = 20;

export function laneHead(y: number, width: number, name: string, words: string): string {
  const letters = Math.floor((width - words.length * 7) / 8);
  return `<text x="0" y="${y + 13}">${clippedXml(name, Math.min(100, letters))}</text><text class="dim number" x="${width}" y="${y + 13}">${clippedXml(words, 200)}</text>\n`;
}

export const ground = (y: number, width: number, height: number): string =>
  `<rect class="ground" x="0" y="${y}" width="${width}" height="${height}"/>`;

export function axis(y: number, width: number, startNs: number, endNs: number): string {
  const at = (x: number, anchor: string, timeNs: number): string =>
    `<text class="dim" x="${pixel(x)}" y="${y + 14}" text-anchor="${anchor}">${formatDuration(timeNs)}</text>`;
  return `${at(0, "start", startNs)}${at(width / 2, "middle", (startNs + endNs) / 2)}${at(width, "end", endNs)}\n`;
}
