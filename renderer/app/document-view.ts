import type { ComponentType } from "react";
import type { QueryInput, Selection } from "#core/model/query.ts";
import type { App } from "./app.ts";
import type { Command } from "./commands.ts";
import type { ProfileDocument } from "./store/document.ts";
import type { ViewWord } from "./view-words.ts";

/**
 * One way to look at a profile: a folder under views/, and one line in views/index.ts. The tab, its key, its command
 * and the streams from the engine follow from this.
 */
export interface DocumentView {
  /** Of the tab, in commands ("show-flame") and in links. */
  readonly id: string;
  /** On the tab. */
  readonly title: string;
  /** In the palette; the title where it is left out. */
  readonly longTitle?: string;
  /** Is there something to show? The tab is left out otherwise. Always, where this is left out. */
  readonly when?: (document: ProfileDocument) => boolean;
  /** Is this what one wants to see of it first? The flame graph, where no view says so. */
  readonly isFirst?: (document: ProfileDocument) => boolean;
  readonly badge?: (document: ProfileDocument) => string | undefined;
  /**
   * What it asks the engine while it is on the screen, by slot: the name of the engine's view, with a suffix where it
   * asks for several ("flame/callers"). `selection` is the document's, with a search that compiles.
   */
  readonly queries?: (
    document: ProfileDocument,
    selection: Selection,
  ) => Readonly<Record<string, QueryInput>>;
  /** What the search field does here; no field, series or selection bar where this is left out. */
  readonly search?: "search" | "filter";
  /** Slot whose weight is the whole of what is shown, for the bar at the bottom. */
  readonly weightSlot?: string;
  /** What it remembers, as words of the line that is copied and taken back. */
  readonly words?: readonly ViewWord[];
  /** It has a place for every function: the menu of a function leads there. */
  readonly showsFunction?: boolean;
  readonly Component: ComponentType<{ readonly document: ProfileDocument }>;
  /** What shapes the view, in front of the search field. */
  readonly Tools?: ComponentType<{ readonly document: ProfileDocument }>;
  /** Commands that only this view has. */
  readonly commands?: (app: App) => readonly Command[];
}

/** The first nine have a digit each; "" for the others. */
export function keyOfView(views: readonly DocumentView[], view: DocumentView): string {
  const index = views.indexOf(view);
  return index >= 0 && index < 9 ? String(index + 1) : "";
}
