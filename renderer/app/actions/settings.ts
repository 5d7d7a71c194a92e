import type { QueryInput } from "#core/model/query.ts";
import type { SettingsPatch } from "#core/model/settings.ts";
import { type ActionContext, documentOf, told } from "./context.ts";

export interface SettingsActions {
  /** Gives whether they were taken. */
  changeSettings(patch: SettingsPatch): Promise<boolean>;
  openInEditor(
    documentId: string,
    place: { readonly query: Extract<QueryInput, { view: "source" }>; readonly line: number },
  ): Promise<void>;
}

export function settingsActions({ store, client }: ActionContext): SettingsActions {
  return {
    changeSettings: async (patch) => {
      const settings = await told(store, client.call("settings.set", patch));
      if (settings) store.getState().setSettings(settings);
      return settings !== null;
    },
    openInEditor: async (documentId, { query, line }) => {
      const document = documentOf(store, documentId);
      if (!document || query.function === "") return;
      await told(store, client.call("source.openInEditor", { profileId: document.profileId, query, line }));
    },
  };
}
