import type { SeriesInfo } from "#core/model/tables.ts";
import { IconButton } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { searchFieldId } from "../commands.ts";
import { patternProblem } from "../selection.ts";
import { isRecording, type ProfileDocument } from "../store/document.ts";
import { useApp } from "../use-app.ts";

const WINDOW_NS = 10e9;

const unitWords: Readonly<Record<string, string>> = { nanoseconds: "time", count: "counts" };

/** Values of one event share its name: then the unit tells them apart. */
function seriesTitle({ name, unit }: SeriesInfo, all: readonly SeriesInfo[]): string {
  const alone = all.filter((each) => each.name === name).length === 1;
  return alone ? name : `${name} · ${unitWords[unit] ?? unit}`;
}

/** What shapes the open view, at the right end of the tabs. */
export function ViewTools({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { id, tab, history, tables, inverted } = document;
  const { select, patchDocument } = store.getState();
  const { search, lastNs, rangeNs, series } = history.present;
  const all = tables.info.table?.series ?? [];
  const timed = tables.timeline.table?.timed ?? false;
  const problem = patternProblem(search);
  return (
    <div className="view-tools">
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
          value={series || (all[0]?.id ?? "")}
          onChange={(event) => select(id, { series: event.target.value })}
        >
          {all.map((each) => (
            <option key={each.id} value={each.id}>
              {seriesTitle(each, all)}
            </option>
          ))}
        </select>
      ) : null}
      {tab === "flame" ? (
        <IconButton
          label={inverted ? "Show from the callers down" : "Invert: show who calls the busiest functions"}
          hint="I"
          icon="callers"
          aria-pressed={inverted}
          onClick={() => patchDocument(id, { inverted: !inverted, zoomRoot: -1, selectedNode: -1 })}
        />
      ) : null}
      <SearchInput
        id={searchFieldId}
        label={tab === "top" ? "Filter by regular expression" : "Search by regular expression"}
        placeholder={tab === "top" ? "Filter (regex)" : "Search (regex)"}
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
    </div>
  );
}
