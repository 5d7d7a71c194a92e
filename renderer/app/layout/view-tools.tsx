import type { SeriesInfo } from "#core/model/tables.ts";
import { IconButton } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { searchFieldId } from "../commands.ts";
import type { DocumentView } from "../document-view.ts";
import { patternProblem } from "../selection.ts";
import { isRecording, type ProfileDocument, slotOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

const WINDOW_NS = 10e9;

const unitWords: Readonly<Record<string, string>> = { nanoseconds: "time", count: "counts" };

/** Values of one event share its name: then the unit tells them apart. */
function seriesTitle({ name, unit }: SeriesInfo, all: readonly SeriesInfo[]): string {
  const alone = all.filter((each) => each.name === name).length === 1;
  return alone ? name : `${name} · ${unitWords[unit] ?? unit}`;
}

/** What is shown where nothing was chosen: as the analyses choose it, no mere trace of the kernel's events. */
const firstSeries = (all: readonly SeriesInfo[]): string =>
  (all.find(({ kind }) => kind !== "trace") ?? all[0])?.id ?? "";

/** What shapes the open view, at the right end of the tabs. */
export function ViewTools({
  document,
  view: { search: searches, Tools },
}: {
  readonly document: ProfileDocument;
  readonly view: DocumentView;
}) {
  const { store } = useApp();
  const { id, history } = document;
  const { select } = store.getState();
  const { search, lastNs, rangeNs, series } = history.present;
  const all = slotOf(document, "info").table?.series ?? [];
  const timed = slotOf(document, "timeline").table?.timed ?? false;
  const problem = patternProblem(search);
  return (
    <div className="view-tools">
      {searches && timed && (isRecording(document) || lastNs !== null) ? (
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
      {searches && all.length > 1 ? (
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
      {Tools ? <Tools document={document} /> : null}
      {searches ? (
        <IconButton
          label="Filters and presets"
          hint="N"
          icon="filter"
          onClick={() => store.getState().openDialog({ kind: "filters", documentId: id, at: null })}
        />
      ) : null}
      {searches ? (
        <SearchInput
          id={searchFieldId}
          label={searches === "filter" ? "Filter by regular expression" : "Search by regular expression"}
          placeholder={searches === "filter" ? "Filter (regex)" : "Search (regex)"}
          hint="/"
          value={search}
          problem={problem}
          onChange={(value) => select(id, { search: value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            select(id, { search: "" });
            event.currentTarget.blur();
          }}
          testId="search"
        />
      ) : null}
    </div>
  );
}
