import type { FunctionKind } from "#core/model/profile.ts";
import type { FlameTable } from "#core/model/tables.ts";
import type { FlameFrame } from "./flame-model.ts";

/** How the lower edge of a frame is drawn, so that what it is can be told without colours. */
export type Strip = "solid" | "dashed" | "dotted";

export type FrameStrip = (frame: FlameFrame, table: FlameTable) => Strip | null;

/** Dashes in px: line, gap. */
export const stripDashes: Readonly<Record<Strip, readonly number[]>> = {
  solid: [],
  dashed: [7, 3],
  dotted: [2, 3],
};

export function stripOfKind(kind: FunctionKind): Strip | null {
  if (kind === "kernel") return "solid";
  return kind === "runtime" || kind === "gc" || kind === "idle" ? "dotted" : null;
}

/** The kernel's frames, those that were inlined, and what the runtime does for itself. */
export const kindStrip: FrameStrip = (frame) => (frame.inlined ? "dashed" : stripOfKind(frame.kind));
