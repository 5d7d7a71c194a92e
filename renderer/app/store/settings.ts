import { chooseLook, lookOf } from "#core/model/look.ts";
import { defaultSettings, type Settings } from "#core/model/settings.ts";
import type { Theme } from "../../widgets/picture.ts";
import { setTextScale } from "../../widgets/text-scale.ts";
import type { Slice } from "./types.ts";

export interface SettingsSlice {
  /** null until the engine has told. */
  readonly settings: Settings | null;
  readonly systemTheme: Theme;
  readonly setSettings: (settings: Settings) => void;
  readonly setSystemTheme: (systemTheme: Theme) => void;
}

export const settingsSlice: Slice<SettingsSlice> = (set) => ({
  settings: null,
  systemTheme: "light",
  setSettings: (settings) => {
    // Before anything is drawn with them.
    chooseLook(lookOf(settings));
    setTextScale(settings.fontSizePx / defaultSettings.fontSizePx);
    set({ settings });
  },
  setSystemTheme: (systemTheme) => set({ systemTheme }),
});

export function themeOf(state: SettingsSlice): Theme {
  const chosen = state.settings?.theme ?? "system";
  return chosen === "system" ? state.systemTheme : chosen;
}
