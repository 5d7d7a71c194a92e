import { type CompareFlameTable, changeAt, isNoise } from "#core/model/compare.ts";
import type { FrameFill } from "../../widgets/flame/flame-fill.ts";
import type { FrameStrip } from "../../widgets/flame/flame-strip.ts";
import type { Theme } from "../../widgets/picture.ts";
import { strengthOf } from "./compare-words.ts";

/**
 * Orange red for what has grown and blue for what has shrunk: a pair that people with any kind of colour blindness tell
 * apart, and that differs in its edge too. Letters on them are black in both themes.
 */
export function changeColour(strength: number, theme: Theme): string {
  if (strength === 0) return theme === "dark" ? "hsl(220 6% 62%)" : "hsl(220 8% 86%)";
  const size = Math.abs(strength);
  const [far, near] = theme === "dark" ? [58, 76] : [66, 90];
  const light = Math.round(near - (near - far) * size);
  return strength > 0 ? `hsl(14 90% ${light}%)` : `hsl(212 82% ${light}%)`;
}

export const compareFill =
  ({ total }: CompareFlameTable, theme: Theme): FrameFill =>
  ({ row }) =>
    changeColour(row < 0 ? 0 : strengthOf(changeAt(total, row)), theme);

/** A line under what has grown, dashes under what has shrunk. */
export const compareStrip =
  ({ total }: CompareFlameTable): FrameStrip =>
  ({ row }) => {
    if (row < 0) return null;
    const change = changeAt(total, row);
    return isNoise(change) ? null : change.change > 0 ? "solid" : "dashed";
  };
