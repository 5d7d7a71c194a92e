import type { Contract } from "#core/contract.ts";
import type { Client } from "#core/rpc/client.ts";
import { type CompareActions, compareActions } from "./actions/compare.ts";
import { type ExportActions, exportActions } from "./actions/exports.ts";
import { type FileActions, fileActions } from "./actions/files.ts";
import { type FilterActions, filterActions } from "./actions/filters.ts";
import { type RecordingActions, recordingActions } from "./actions/recordings.ts";
import { type SessionActions, sessionActions } from "./actions/sessions.ts";
import { type SettingsActions, settingsActions } from "./actions/settings.ts";
import { type StartupActions, startupActions } from "./actions/startup.ts";
import { type TargetActions, targetActions } from "./actions/targets.ts";
import { type TourActions, tourActions } from "./actions/tour.ts";
import { watchComparison } from "./compare-watch.ts";
import type { DocumentView } from "./document-view.ts";
import { keepDocuments } from "./kept-documents.ts";
import type { Shell } from "./shell.ts";
import { type AppStore, createAppStore } from "./store/store.ts";
import { watchTables } from "./table-watch.ts";
import { watchTargets } from "./target-watch.ts";
import { browserClock, createUpdatePace, type PageClock } from "./update-pace.ts";
import { showWantedViews } from "./wanted-views.ts";

export type Actions = FileActions &
  CompareActions &
  RecordingActions &
  SessionActions &
  ExportActions &
  FilterActions &
  TargetActions &
  SettingsActions &
  TourActions &
  StartupActions;

/** The page without its looks: state, what changes it, and the engine behind. */
export interface App {
  readonly store: AppStore;
  readonly client: Client<Contract>;
  readonly shell: Shell;
  readonly actions: Actions;
  /** The ways to look at a profile, in the order of their tabs. */
  readonly views: readonly DocumentView[];
}

export function createApp(
  client: Client<Contract>,
  shell: Shell,
  views: readonly DocumentView[],
  clock: PageClock = browserClock,
): App {
  const store = createAppStore();
  const pace = createUpdatePace(clock);
  const context = { store, client, shell, pace };
  const files = fileActions(context);
  const recordings = recordingActions(context, files);
  const actions: Actions = {
    ...files,
    ...recordings,
    ...sessionActions(context, recordings),
    ...exportActions(context),
    ...compareActions(context),
    ...filterActions(context, views),
    ...targetActions(context),
    ...settingsActions(context),
    ...tourActions(context, recordings),
    ...startupActions(context, files, recordings),
  };
  watchTables(store, client, views, pace);
  watchComparison(store, client);
  watchTargets(store, client);
  showWantedViews(store, actions, views);
  keepDocuments(store, shell, views);
  return { store, client, shell, actions, views };
}
