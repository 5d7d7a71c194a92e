import { frameTextColour } from "../../model/colour.ts";
import { clippedXml, xmlText } from "./xml-text.ts";

/** What every report draws alike: its style, and a box of a flame graph as the report's script expects it. */

export const MARGIN = 24;
export const ROW = 17;
/** Advance of a letter of the monospaced fonts at 11 px, the widest of the stack. */
export const LETTER = 6.7;
export const LONGEST_TITLE = 400;

export const style = `
svg{background:#fff}
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",Arial,sans-serif;font-size:12px;fill:#1c2027}
.title{font-size:20px;font-weight:600}
.heading{font-size:14px;font-weight:600}
.dim{fill:#59616e}
.warn{fill:#8a5300;font-weight:600}
.number{text-anchor:end;font-variant-numeric:tabular-nums}
.mono{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:11px}
.frame text{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:11px;fill:${frameTextColour};pointer-events:none}
.frame{cursor:pointer;outline:none}
.frame:hover rect,.frame:focus rect{stroke:${frameTextColour};stroke-width:1.5}
.frame.above rect{opacity:.55}
.frame.match rect{fill:#e58cff;stroke:#5b0b7a;stroke-width:1.5}
.button{cursor:pointer;fill:#0b57c2;text-decoration:underline}
.rule{stroke:#d6dae1;stroke-width:1}
.stripe{fill:#f4f5f8}
.bar{fill:#c9dcf7}
.ground{fill:#f4f5f8}
.lane{fill:#8ba0bf}
.line{fill:none;stroke:#0b57c2;stroke-width:1.5}
.mark{fill:none;stroke:#59616e;stroke-dasharray:2 3}
.hot{fill:#d9560b}
.call{fill:none;stroke:#7b8494}
.tip{fill:#59616e}
.node text,.frame text{fill:${frameTextColour}}
.node .own{fill:${frameTextColour};opacity:.45}
`;
export const darkStyle = `
@media screen and (prefers-color-scheme:dark){
svg{background:#15171c}
.page{fill:#15171c}
text{fill:#e4e7ec}
.dim{fill:#9aa3b2}
.warn{fill:#e3b341}
.button{fill:#84b6ff}
.rule{stroke:#343a45}
.stripe{fill:#1b1e25}
.bar{fill:#28456e}
.ground{fill:#1b1e25}
.lane{fill:#6f88ad}
.line{stroke:#84b6ff}
.mark{stroke:#9aa3b2}
.frame:hover rect,.frame:focus rect{stroke:#fff}
}
`;

export interface Frame {
  /** Left edge and width as shares of the graph. */
  readonly x: number;
  readonly w: number;
  readonly depth: number;
  /** Position of the parent among the frames, -1 for the first. */
  readonly parent: number;
  readonly name: string;
  readonly title: string;
  readonly fill: string;
}

export function frameMarkup(frame: Frame, graphTop: number, inner: number): string {
  const x = MARGIN + frame.x * inner;
  const w = frame.w * inner;
  const y = graphTop + frame.depth * ROW;
  const letters = Math.floor((w - 6) / LETTER);
  const label = letters < 3 ? "" : clippedXml(frame.name, letters);
  const name = clippedXml(frame.name, LONGEST_TITLE);
  return (
    `<g class="frame" tabindex="${frame.parent === -1 ? 0 : -1}" role="img" data-name="${name}"` +
    ` data-x="${share(frame.x)}" data-w="${share(frame.w)}" data-depth="${frame.depth}" data-parent="${frame.parent}">` +
    `<title>${xmlText(frame.title)}</title>` +
    `<rect x="${pixel(x)}" y="${y}" width="${pixel(Math.max(0.1, w - 0.5))}" height="${ROW - 1}" rx="1" fill="${frame.fill}"/>` +
    `<text x="${pixel(x + 3)}" y="${y + 12}">${label}</text></g>\n`
  );
}

export const pixel = (value: number): string => String(Math.round(value * 100) / 100);
const share = (value: number): string => String(Math.round(value * 1e9) / 1e9);
