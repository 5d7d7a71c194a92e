export type Theme = "dark" | "light";

/** Where a context menu opens, in client pixels. */
export interface MenuPosition {
  readonly x: number;
  readonly y: number;
}
