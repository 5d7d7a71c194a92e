import { type ColourScheme, frameCss, frameHue } from "#core/model/colour.ts";
import type { FunctionKind } from "#core/model/profile.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useAppState } from "../../app/use-app.ts";
import { kindTitle } from "../../widgets/function-text.ts";

const kinds: readonly FunctionKind[] = [
  "native",
  "kernel",
  "python",
  "java",
  "go",
  "node",
  "jit",
  "ruby",
  "runtime",
  "gc",
];

/** The colours of the kinds of functions, as every view has them. */
export function ColourSample({ scheme }: { readonly scheme: ColourScheme }) {
  const theme = useAppState(themeOf);
  return (
    <ul className="colour-sample" aria-label="Colours of functions">
      {kinds.map((kind) => (
        <li key={kind} style={{ backgroundColor: frameCss(frameHue(kind, "", kind, theme, scheme)) }}>
          {kindTitle(kind)}
        </li>
      ))}
    </ul>
  );
}
