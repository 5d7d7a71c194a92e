import type { DocumentView } from "./document-view.ts";
import type { Shell } from "./shell.ts";
import type { AppStore } from "./store/store.ts";
import { stateText } from "./view-state.ts";

/** Changes that come together are told once. */
const TELL_AFTER_MS = 1_000;

/**
 * Tells the desktop what is open and how it is looked at, so that a page that ends unexpectedly comes back with it.
 * Recordings are the engine's: those that run are found again by themselves.
 */
export function keepDocuments(
  store: AppStore,
  shell: Pick<Shell, "kind" | "keepOpen">,
  views: readonly DocumentView[],
): void {
  if (shell.kind !== "desktop") return;
  let told = "[]";
  let telling: ReturnType<typeof setTimeout> | null = null;
  const tell = (): void => {
    telling = null;
    const { documents, activeId } = store.getState();
    const files = documents.filter(({ path }) => path !== "");
    const kept = files.map((document) => ({
      path: document.path,
      // One that is on its way has the words that it was asked for.
      view: document.profileState?.phase === "ready" ? stateText(document, views) : document.wantedView,
    }));
    const active = files.find(({ id }) => id === activeId);
    if (active) kept.push({ path: active.path, view: "" });
    const text = JSON.stringify(kept);
    if (text === told) return;
    told = text;
    shell.keepOpen(kept);
  };
  store.subscribe((state, before) => {
    if (state.documents === before.documents && state.activeId === before.activeId) return;
    if (telling === null) telling = setTimeout(tell, TELL_AFTER_MS);
  });
}
