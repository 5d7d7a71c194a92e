import { frameCss, frameHue } from "#core/model/colour.ts";
import type { FlameTable } from "#core/model/tables.ts";
import type { Theme } from "../picture.ts";
import type { FlameFrame } from "./flame-model.ts";

export type FrameFill = (frame: FlameFrame, table: FlameTable) => string;

/** The colour that the function has everywhere. Remembered a function name and binary: tables come ten times a second. */
export function fillOf(theme: Theme): FrameFill {
  const known = new Map<string, string>();
  return (frame, table) => {
    const binary = frame.row < 0 ? "" : (table.strings[table.binary[frame.row] ?? -1] ?? "");
    const key = `${frame.kind}\n${binary}\n${frame.name}`;
    let css = known.get(key);
    if (css === undefined) {
      css = frameCss(frameHue(frame.kind, binary, frame.name, theme));
      if (known.size > mostKnown) known.clear();
      known.set(key, css);
    }
    return css;
  };
}

const mostKnown = 20_000;
