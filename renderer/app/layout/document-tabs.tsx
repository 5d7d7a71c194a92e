import { useEffect, useRef } from "react";
import { focusOpenPanel, type TabSpec, Tabs } from "../../widgets/tabs.tsx";
import type { ProfileDocument } from "../store/document.ts";
import { useApp } from "../use-app.ts";
import { FilterChips } from "./filter-chips.tsx";
import { ViewTools } from "./view-tools.tsx";

/** One tab a view; only the one on the screen is drawn. */
export function DocumentTabs({ document }: { readonly document: ProfileDocument }) {
  const { store, views } = useApp();
  const { id, tab } = document;
  const room = useRef<HTMLDivElement | null>(null);
  const before = useRef(tab);
  // What had the focus went with the view before: the keys go on in this one.
  useEffect(() => {
    const wasOther = before.current !== tab;
    before.current = tab;
    const page = room.current?.ownerDocument;
    if (wasOther && page?.activeElement === page?.body) focusOpenPanel(room.current);
  }, [tab]);
  const shown = views.filter((view) => view.id === tab || view.when?.(document) !== false);
  const active = shown.find((view) => view.id === tab);
  const tabs = shown.map(
    ({ id: viewId, title, badge, search, Component }): TabSpec<string> => ({
      id: viewId,
      title,
      badge: badge?.(document),
      content:
        viewId === tab ? (
          <>
            {search ? <FilterChips document={document} /> : null}
            <Component document={document} />
          </>
        ) : null,
    }),
  );
  return (
    <div className="document-tabs" ref={room}>
      <Tabs
        label="Views"
        tabs={tabs}
        active={tab}
        onChange={(next) => store.getState().patchDocument(id, { tab: next })}
        tools={active?.search || active?.Tools ? <ViewTools document={document} view={active} /> : null}
      />
    </div>
  );
}
