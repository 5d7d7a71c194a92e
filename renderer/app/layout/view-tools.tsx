import { memo } from "react";
import type { SeriesInfo } from "#core/model/tables.ts";
import { IconButton } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { focusOpenPanel } from "../../widgets/tabs.tsx";
import { searchFieldId } from "../commands.ts";
import type { DocumentView } from "../document-view.ts";
import { isSameControl } from "../same-document.ts";
import { patternProblem } from "../selection.ts";
import { seriesTitle } from "../series-title.ts";
import { isRecording, type ProfileDocument, slotOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

const WINDOW_NS = 10e9;

/** What is shown where nothing was chosen: as the analyses choose it, no mere trace of the kernel's events. */
const firstSeries = (all: readonly SeriesInfo[]): string =>
  (all.find(({ kind }) => kind !== "trace") ?? all[0])?.id ?? "";

const isTimed = (document: ProfileDocument): boolean => slotOf(document, "timeline").table?.timed ?? false;
const isSame = isSameControl("info");
const isSameTool = (before: ToolsProps, after: ToolsProps): boolean =>
  before.view === after.view && isSame(before, after) && isTimed(before.document) === isTimed(after.document);

interface ToolsProps {
  readonly document: ProfileDocument;
  readonly view: DocumentView;
}

/** What shapes the open view, at the right end of the tabs. */
export function ViewTools({ document, view }: ToolsProps) {
  const { Tools } = view;
  return (
    <div className="view-tools">
      {view.search ? <WhatIsShown document={document} view={view} /> : null}
      {Tools ? <Tools document={document} /> : null}
      {view.search ? <WhatIsSought document={document} view={view} /> : null}
    </div>
  );
}

const WhatIsShown = memo(({ document }: ToolsProps) => {
  const { store } = useApp();
  const { id, history } = document;
  const { select } = store.getState();
  const { lastNs, rangeNs, series } = history.present;
  const all = slotOf(document, "info").table?.series ?? [];
  const timed = isTimed(document);
  return (
    <>
      {timed && (isRecording(document) || lastNs !== null) ? (
        <Segments
          label="Time shown"
          choices={[
            { value: "start", title: "Since start" },
            { value: "last", title: "Last 10 s" },
          ]}
          value={rangeNs ? null : lastNs === null ? "start" : "last"}
          onChange={(value) => select(id, { rangeNs: null, lastNs: value === "last" ? WINDOW_NS : null })}
        />
      ) : null}
      {all.length > 1 ? (
        <select
          className="select series-select"
          aria-label="What is measured"
          value={series || firstSeries(all)}
          onChange={(event) => select(id, { series: event.target.value })}
        >
          {all.map((each) => (
            <option key={each.id} value={each.id}>
              {seriesTitle(each, all)}
            </option>
          ))}
        </select>
      ) : null}
    </>
  );
}, isSameTool);

const WhatIsSought = memo(({ document, view }: ToolsProps) => {
  const { store } = useApp();
  const { id, history } = document;
  const { select, openDialog } = store.getState();
  const { search } = history.present;
  return (
    <>
      <IconButton
        label="Filters and presets"
        hint="N"
        icon="filter"
        onClick={() => openDialog({ kind: "filters", documentId: id, at: null })}
      />
      <SearchInput
        id={searchFieldId}
        label={view.search === "filter" ? "Filter by regular expression" : "Search by regular expression"}
        placeholder={view.search === "filter" ? "Filter (regex)" : "Search (regex)"}
        hint="/"
        value={search}
        problem={patternProblem(search)}
        onChange={(value) => select(id, { search: value })}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          select(id, { search: "" });
          focusOpenPanel(event.currentTarget.closest(".tabs"));
        }}
        testId="search"
      />
    </>
  );
}, isSameTool);
