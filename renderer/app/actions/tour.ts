import { tourStepOf } from "../store/tour.ts";
import { type ActionContext, told } from "./context.ts";
import type { RecordingActions } from "./recordings.ts";

export interface TourActions {
  startTour(): void;
  /** Records the demo program; as the first step of the tour, where that is on. */
  recordDemo(): Promise<void>;
  nextTourStep(): void;
  /** For good: at the next start there is none. */
  endTour(): Promise<void>;
}

export function tourActions({ store, client }: ActionContext, recordings: RecordingActions): TourActions {
  const state = store.getState;
  const remember = async (): Promise<void> => {
    if (state().settings?.welcomed !== false) return;
    await told(store, client.call("settings.set", { welcomed: true }).then(state().setSettings));
  };
  return {
    startTour: () => {
      state().setTour({ step: 1, documentId: null });
      state().showScreen("targets");
    },
    recordDemo: async () => {
      const isTour = tourStepOf(state()) === 1;
      const documentId = await recordings.startDemo();
      if (documentId === null) return;
      state().setTour(isTour ? { step: 2, documentId } : "over");
      await remember();
    },
    nextTourStep: () => {
      const { tour } = state();
      if (tour !== null && tour !== "over") state().setTour({ ...tour, step: 3 });
    },
    endTour: async () => {
      state().setTour("over");
      await remember();
    },
  };
}
