import { expect, it } from "vitest";
import { frameHue } from "#core/model/colour.ts";
import { functionKinds } from "#core/model/profile.ts";

/** Relative luminance of WCAG 2, of a colour as hue, saturation and lightness. */
function luminance({ hue, saturation, lightness }: ReturnType<typeof frameHue>): number {
  const part = (n: number): number => {
    const at = (n + hue / 30) % 12;
    const light = lightness / 100;
    const spread = (saturation / 100) * Math.min(light, 1 - light);
    const value = light - spread * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(8) + 0.0722 * part(4);
}
/** Of the text on frames, #16181d. */
const TEXT = 0.0092;

it("text on every frame can be read, in both schemes and themes", () => {
  for (const scheme of ["standard", "safe"] as const)
    for (const theme of ["light", "dark"] as const)
      for (const kind of functionKinds)
        for (const name of ["a", "main", "parse_header", "z"]) {
          const contrast = (luminance(frameHue(kind, "lib", name, theme, scheme)) + 0.05) / (TEXT + 0.05);
          expect(contrast, `${scheme} ${theme} ${kind}`).toBeGreaterThan(4.5);
        }
});

it("the safe scheme uses no green and no red", () => {
  for (const kind of functionKinds) {
    const { hue, saturation } = frameHue(kind, "", kind, "light", "safe");
    const isRedOrGreen = hue < 20 || (hue > 75 && hue < 175) || hue > 345;
    expect(isRedOrGreen && saturation > 25, kind).toBe(false);
  }
});
