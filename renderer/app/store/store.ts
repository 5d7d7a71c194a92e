import { createStore, type StoreApi } from "zustand";
import { compareSlice } from "./compare.ts";
import { connectionSlice } from "./connection.ts";
import { dialogsSlice } from "./dialogs.ts";
import { sessionsSlice } from "./sessions.ts";
import { settingsSlice } from "./settings.ts";
import { targetsSlice } from "./targets.ts";
import { tourSlice } from "./tour.ts";
import type { AppState } from "./types.ts";
import { workspaceSlice } from "./workspace.ts";

export type AppStore = StoreApi<AppState>;

export const createAppStore = (): AppStore =>
  createStore<AppState>()((...context) => ({
    ...connectionSlice(...context),
    ...compareSlice(...context),
    ...targetsSlice(...context),
    ...sessionsSlice(...context),
    ...workspaceSlice(...context),
    ...settingsSlice(...context),
    ...tourSlice(...context),
    ...dialogsSlice(...context),
  }));
