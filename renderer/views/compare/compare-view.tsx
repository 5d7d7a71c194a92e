import type { ReactNode } from "react";
import { formatPercent } from "#core/base/numbers.ts";
import { type CompareMode, compareModes } from "#core/model/compare.ts";
import { searchFieldId } from "../../app/commands.ts";
import { patternProblem } from "../../app/selection.ts";
import {
  type CompareShow,
  type CompareState,
  type CompareTab,
  compareSlot,
  comparisonOf,
  flippedCompare,
} from "../../app/store/compare.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { SearchInput } from "../../widgets/field.tsx";
import { ProblemBox, Progress } from "../../widgets/status.tsx";
import { focusOpenPanel, type TabSpec, Tabs } from "../../widgets/tabs.tsx";
import { CompareFlame } from "./compare-flame.tsx";
import { CompareTableView } from "./compare-table.tsx";
import { FunctionPanel } from "./function-panel.tsx";
import { SideList } from "./side-list.tsx";
import { Verdict } from "./verdict.tsx";
import "./compare.css";

const modeTitles: Readonly<Record<CompareMode, string>> = {
  total: "By share",
  time: "By time",
  absolute: "As they are",
};

/** Two sides, each of one or several runs: what changed, and whether it is real. */
export function CompareView() {
  const { store, actions } = useApp();
  const compare = useAppState((state) => state.compare);
  const { patchCompare, openDialog } = store.getState();
  const isReady = comparisonOf(compare) !== null;
  const isEmpty = compare.before.length === 0 && compare.after.length === 0;
  return (
    <>
      <header className="screen-head compare-head">
        <h1>Compare</h1>
        <Segments
          label="Made comparable"
          choices={compareModes.map((value) => ({ value, title: modeTitles[value] }))}
          value={compare.by}
          onChange={(by) => patchCompare({ by })}
        />
        <label className="compare-confidence">
          <span className="muted">Certainty</span>
          <select
            className="select"
            value={compare.confidence}
            onChange={(event) => patchCompare({ confidence: Number(event.target.value) })}
          >
            {[0.9, 0.95, 0.99, 0.999].map((value) => (
              <option key={value} value={value}>
                {formatPercent(value, 1)}
              </option>
            ))}
          </select>
        </label>
        <span className="spacer" />
        <Button
          icon="record"
          onClick={() => openDialog({ kind: "compare-runs" })}
          disabled={compare.series !== null}
        >
          Record runs…
        </Button>
        <IconButton
          icon="flip"
          label="Swap the sides"
          hint="W"
          look="normal"
          onClick={() => actions.swapSides()}
          disabled={isEmpty}
        />
        <IconButton
          icon="trash"
          label="Clear the comparison"
          look="normal"
          onClick={() => actions.clearComparison()}
          disabled={isEmpty}
        />
        <Button icon="export" onClick={() => openDialog({ kind: "compare-export" })} disabled={!isReady}>
          Export…
        </Button>
      </header>
      <div className="compare-sides-row">
        <SideList side="before" />
        <SideList side="after" />
      </div>
      <Series />
      {isReady ? <Outcome compare={compare} /> : <Missing compare={compare} />}
    </>
  );
}

/** Recordings that are under way for the sides. */
function Series() {
  const { actions } = useApp();
  const series = useAppState((state) => state.compare.series);
  const problem = useAppState((state) => state.compare.seriesProblem);
  if (problem) return <ProblemBox problem={problem} />;
  if (!series) return null;
  return (
    <div className="import-strip" role="status">
      <span>
        Recording run {series.done + 1} of {series.all}, {series.side}
      </span>
      <Progress label="Runs" share={series.done / series.all} />
      <Button small look="quiet" onClick={() => actions.stopSeries()} disabled={series.stopping}>
        {series.stopping ? "Stopping…" : "Stop"}
      </Button>
    </div>
  );
}

function Missing({ compare }: { readonly compare: CompareState }) {
  const { store } = useApp();
  const { openDialog } = store.getState();
  const side = compare.before.length === 0 ? "before" : "after";
  return (
    <EmptyState
      icon="compare"
      title={side === "before" ? "Choose what to compare" : "Choose the other side"}
      actions={
        <Button look="primary" icon="plus" onClick={() => openDialog({ kind: "compare-add", side })}>
          {side === "before" ? "Add to the side before…" : "Add to the side after…"}
        </Button>
      }
    >
      Each side is a profile, a part of one, or several runs of the same program: with several, Flamewright
      can say which differences are real. To compare two ranges or threads of one profile, select one there
      and choose “Compare this selection with…”.
    </EmptyState>
  );
}

function Outcome({ compare }: { readonly compare: CompareState }) {
  const { table, problem, progress } = compareSlot(compare, "summary");
  if (problem) return <ProblemBox problem={problem} />;
  if (!table)
    return (
      <EmptyState busy title={progress >= 0 && progress < 1 ? "Reading the runs" : "Comparing"}>
        <div className="import-progress">
          <Progress label="Runs that are read" share={progress < 1 ? progress : -1} />
        </div>
      </EmptyState>
    );
  return (
    <>
      <Verdict summary={table} growing={compareSlot(compare, "summary").growing} />
      <div className="compare-room">
        <div className="compare-views">
          <Views compare={compare} />
        </div>
        <FunctionPanel />
      </div>
    </>
  );
}

const showTitles: Readonly<Record<CompareShow, string>> = {
  all: "All",
  changed: "Real",
  grown: "Grown",
  shrunk: "Shrunk",
  new: "New",
  gone: "Gone",
};
const shows: readonly CompareShow[] = ["all", "changed", "grown", "shrunk", "new", "gone"];

function Views({ compare }: { readonly compare: CompareState }) {
  const { store } = useApp();
  const { patchCompare } = store.getState();
  const slot = compareSlot(compare, compare.tab === "flame" ? "flame" : "functions");
  const framed = (tab: CompareTab, content: ReactNode): ReactNode =>
    compare.tab !== tab ? null : (
      <>
        {slot.problem ? <ProblemBox problem={slot.problem} /> : null}
        {content}
      </>
    );
  const tabs: readonly TabSpec<CompareTab>[] = [
    { id: "flame", title: "Flame", content: framed("flame", <CompareFlame />) },
    {
      id: "functions",
      title: "Functions",
      content: framed("functions", <CompareTableView overweight={false} />),
    },
    {
      id: "overweight",
      title: "Overweight",
      content: framed("overweight", <CompareTableView overweight={true} />),
    },
  ];
  const searchesFlame = compare.tab === "flame";
  return (
    <Tabs
      label="Views of the comparison"
      tabs={tabs}
      active={compare.tab}
      onChange={(tab) => patchCompare({ tab })}
      tools={
        <div className="view-tools">
          {searchesFlame ? (
            <IconButton
              label={
                compare.inverted
                  ? "Show from the callers down"
                  : "Invert: show who calls the busiest functions"
              }
              hint="I"
              icon="callers"
              aria-pressed={compare.inverted}
              onClick={() => patchCompare(flippedCompare)}
            />
          ) : (
            <>
              <Segments
                label="Which functions"
                choices={shows.map((value) => ({ value, title: showTitles[value] }))}
                value={compare.show}
                onChange={(show) => patchCompare({ show })}
              />
              <Segments
                label="Weight"
                choices={[
                  { value: "self", title: "Self" },
                  { value: "total", title: "Total" },
                ]}
                value={compare.of}
                onChange={(of) => patchCompare({ of })}
              />
            </>
          )}
          <SearchInput
            id={searchFieldId}
            label={searchesFlame ? "Search by regular expression" : "Filter by regular expression"}
            placeholder={searchesFlame ? "Search (regex)" : "Filter (regex)"}
            hint="/"
            value={compare.search}
            problem={patternProblem(compare.search)}
            onChange={(search) => patchCompare({ search })}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.preventDefault();
              patchCompare({ search: "" });
              focusOpenPanel(event.currentTarget.closest(".tabs"));
            }}
            testId="compare-search"
          />
        </div>
      }
    />
  );
}
