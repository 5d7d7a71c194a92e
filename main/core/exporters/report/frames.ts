import { formatCount, formatCountOf, formatPercent, formatValue } from "../../base/numbers.ts";
import { intervalWords } from "../../base/shares.ts";
import { frameCss, frameHue } from "../../model/colour.ts";
import type { FlameTable } from "../../model/tables.ts";
import { frameMarkup, LONGEST_TITLE } from "./frame.ts";
import { clip } from "./xml-text.ts";

/** Every frame of a flame graph as SVG, the root of all first. */
export function* framesMarkup(flame: FlameTable, graphTop: number, inner: number): Iterable<string> {
  const whole = flame.totalValue;
  const all = `all: ${formatValue(whole, flame.unit)} · ${formatCountOf(flame.totalSamples, "sample")}`;
  if (flame.length > 0)
    yield frameMarkup(
      { x: 0, w: 1, depth: 0, parent: -1, name: "all", title: all, fill: "hsl(220 10% 86%)" },
      graphTop,
      inner,
    );
  for (let row = 0; row < flame.length; row++) {
    const name = flame.strings[flame.name[row]] ?? "";
    const binary = flame.strings[flame.binary[row]] ?? "";
    yield frameMarkup(
      {
        x: flame.start[row] / whole,
        w: flame.value[row] / whole,
        depth: flame.depth[row] + 1,
        parent: flame.parent[row] + 1,
        name,
        title: frameTitle(flame, row, name),
        fill: frameCss(frameHue(flame.kind[row], binary, name, "light")),
      },
      graphTop,
      inner,
    );
  }
}

function frameTitle(flame: FlameTable, row: number, name: string): string {
  const parts = [
    clip(name, LONGEST_TITLE),
    formatPercent(flame.value[row], flame.totalValue),
    intervalWords(flame.value[row], flame),
    `${formatCount(flame.samples[row])} of ${formatCountOf(flame.totalSamples, "sample")}`,
    formatValue(flame.value[row], flame.unit),
    `self ${formatPercent(flame.self[row], flame.totalValue)}`,
    clip(placeOf(flame, row), LONGEST_TITLE),
  ];
  return parts.filter(Boolean).join(" · ");
}

interface Placed {
  readonly strings: readonly string[];
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
}

/** Where a function is: its source where that is known, else its binary. */
export function placeOf({ strings, file, line, binary }: Placed, row: number): string {
  const source = strings[file[row]] ?? "";
  if (source === "") return strings[binary[row]] ?? "";
  return line[row] > 0 ? `${source}:${line[row]}` : source;
}
