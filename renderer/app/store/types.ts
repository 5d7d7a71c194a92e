import type { StateCreator } from "zustand";
import type { CompareSlice } from "./compare.ts";
import type { ConnectionSlice } from "./connection.ts";
import type { DialogsSlice } from "./dialogs.ts";
import type { SessionsSlice } from "./sessions.ts";
import type { SettingsSlice } from "./settings.ts";
import type { TargetsSlice } from "./targets.ts";
import type { TourSlice } from "./tour.ts";
import type { WorkspaceSlice } from "./workspace.ts";

export type AppState = ConnectionSlice &
  CompareSlice &
  TargetsSlice &
  SessionsSlice &
  WorkspaceSlice &
  SettingsSlice &
  TourSlice &
  DialogsSlice;

/** A slice sees the whole state and changes its own part. */
export type Slice<S> = StateCreator<AppState, [], [], S>;
