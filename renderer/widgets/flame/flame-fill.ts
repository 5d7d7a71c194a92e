import { frameCss, frameHue } from "#core/model/colour.ts";
import type { FlameTable } from "#core/model/tables.ts";
import type { Theme } from "../picture.ts";
import type { FlameFrame } from "./flame-model.ts";

export type FrameFill = (frame: FlameFrame, table: FlameTable) => string;

interface KnownFill {
  readonly kind: FlameFrame["kind"];
  readonly binary: string;
  readonly css: string;
}

/**
 * The colour that the function has everywhere. Remembered by name, as tables come ten times a second, and by row of a
 * table, as one table is drawn with every frame of a zoom.
 */
export function fillOf(theme: Theme): FrameFill {
  const byName = new Map<string, KnownFill[]>();
  const byTable = new WeakMap<FlameTable, (string | undefined)[]>();
  const work = ({ kind, name, row }: FlameFrame, table: FlameTable): string => {
    const binary = row < 0 ? "" : (table.strings[table.binary[row] ?? -1] ?? "");
    let known = byName.get(name);
    const found = known?.find((each) => each.kind === kind && each.binary === binary);
    if (found !== undefined) return found.css;
    const css = frameCss(frameHue(kind, binary, name, theme));
    if (known === undefined) {
      if (byName.size > mostKnown) byName.clear();
      known = [];
      byName.set(name, known);
    }
    known.push({ kind, binary, css });
    return css;
  };
  return (frame, table) => {
    let rows = byTable.get(table);
    if (rows === undefined) {
      rows = [];
      byTable.set(table, rows);
    }
    // The root that no row stands for comes first.
    let css = rows[frame.row + 1];
    if (css === undefined) {
      css = work(frame, table);
      rows[frame.row + 1] = css;
    }
    return css;
  };
}

const mostKnown = 20_000;
