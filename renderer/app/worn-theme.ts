import { defaultSettings } from "#core/model/settings.ts";
import { themeOf } from "./store/settings.ts";
import type { AppStore } from "./store/store.ts";

/**
 * The page wears the theme, the colours and the size of texts of the settings. It changes before React draws anything: pictures on
 * canvas read their colours from the style sheet while they are painted, in effects that run before those of the page around them.
 */
export function wearTheme(store: AppStore, { documentElement: page }: Document): void {
  const wear = (): void => {
    const state = store.getState();
    const { colours, fontSizePx } = state.settings ?? defaultSettings;
    const textScale = String(fontSizePx / defaultSettings.fontSizePx);
    if (page.dataset.theme !== themeOf(state)) page.dataset.theme = themeOf(state);
    if (page.dataset.colours !== colours) page.dataset.colours = colours;
    if (page.style.getPropertyValue("--text-scale") !== textScale)
      page.style.setProperty("--text-scale", textScale);
  };
  store.subscribe((now, before) => {
    if (now.settings !== before.settings || now.systemTheme !== before.systemTheme) wear();
  });
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const take = (): void => store.getState().setSystemTheme(query.matches ? "dark" : "light");
  query.addEventListener("change", take);
  take();
  wear();
}
