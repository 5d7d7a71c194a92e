import { type FunctionKind, kindAt } from "./profile.ts";

/**
 * The colour of a function: its hue says what it is (kernel, native, JIT ...), its shade which binary and name. A
 * pure function of names, so it is the same in every view, zoom, update, comparison and report.
 */
export interface FrameColour {
  /** Degrees. */
  readonly hue: number;
  /** Percent. */
  readonly saturation: number;
  readonly lightness: number;
}

export type ColourTheme = "light" | "dark";

/** Hue and how far a binary may move it, by kind. Neighbours are at least 20 degrees apart. */
const palette: Readonly<Record<FunctionKind, readonly [hue: number, spread: number, saturation: number]>> = {
  native: [28, 16, 78],
  kernel: [350, 6, 62],
  python: [215, 12, 58],
  java: [145, 12, 42],
  go: [188, 8, 52],
  node: [50, 8, 68],
  jit: [90, 10, 46],
  ruby: [325, 8, 56],
  runtime: [265, 10, 40],
  gc: [290, 6, 42],
  idle: [220, 4, 8],
  unknown: [40, 6, 16],
  root: [220, 2, 10],
};

export type ColourScheme = "standard" | "safe";

/**
 * For eyes that see red and green alike: told apart by blue against yellow, and by brightness, in which kinds of one hue
 * differ. After Okabe and Ito, https://jfly.uni-koeln.de/color/
 */
const safePalette: Readonly<
  Record<FunctionKind, readonly [hue: number, spread: number, saturation: number, lighter: number]>
> = {
  native: [40, 4, 92, 0],
  kernel: [205, 4, 80, -12],
  python: [222, 5, 70, 4],
  java: [200, 5, 55, 8],
  go: [190, 4, 40, -2],
  node: [54, 3, 90, 4],
  jit: [44, 3, 55, -10],
  ruby: [326, 4, 50, -10],
  runtime: [250, 4, 30, 2],
  gc: [300, 4, 22, -14],
  idle: [220, 4, 8, 0],
  unknown: [40, 6, 12, 2],
  root: [220, 2, 10, 0],
};

let chosen: ColourScheme = "standard";

/** What the person chose, for this thread: views and reports need not hand it through. See `look.ts`. */
export function chooseColours(scheme: ColourScheme): void {
  chosen = scheme;
}

/** For what remembers colours. */
export const colourScheme = (): ColourScheme => chosen;

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** -1 to 1. */
const around = (value: number): number => (value % 2001) / 1000 - 1;

/**
 * Backgrounds stay light enough in both themes for the near-black text of `frameTextColour`: at least 4.5 to 1.
 * `kind` is a kind or its index in functionKinds.
 */
export function frameHue(
  kind: FunctionKind | number,
  binary: string,
  name: string,
  theme: ColourTheme,
  scheme: ColourScheme = chosen,
): FrameColour {
  const known = typeof kind === "number" ? kindAt(kind) : kind;
  const [hue, spread, saturation, lighter] =
    scheme === "safe" ? safePalette[known] : ([...palette[known], 0] as const);
  const shade = around(hash(name));
  return {
    hue: Math.round(hue + spread * around(hash(binary)) + 4 * around(hash(`${name}\u0000`)) + 360) % 360,
    saturation: theme === "dark" ? Math.round(saturation * 0.8) : saturation,
    lightness:
      theme === "dark" ? Math.round(65 + 5 * shade + lighter / 3) : Math.round(74 + 6 * shade + lighter),
  };
}

/** Text on any frame, in both themes. */
export const frameTextColour = "#16181d";

export const frameCss = (colour: FrameColour): string =>
  `hsl(${colour.hue} ${colour.saturation}% ${colour.lightness}%)`;
