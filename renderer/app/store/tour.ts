import type { SettingsSlice } from "./settings.ts";
import type { Slice } from "./types.ts";

/** What a newcomer is shown: choose a target, watch it, stop and keep it. */
export type TourStep = 1 | 2 | 3;

export interface TourSlice {
  /** null while nobody asked for it: then the first start begins with it. */
  readonly tour: { readonly step: TourStep; readonly documentId: string | null } | "over" | null;
  readonly setTour: (tour: TourSlice["tour"]) => void;
}

export const tourSlice: Slice<TourSlice> = (set) => ({
  tour: null,
  setTour: (tour) => set({ tour }),
});

/** The step that is on; null for none. */
export function tourStepOf({ tour, settings }: TourSlice & Pick<SettingsSlice, "settings">): TourStep | null {
  if (tour === "over") return null;
  return tour === null ? (settings?.welcomed === false ? 1 : null) : tour.step;
}
