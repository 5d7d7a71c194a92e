import { useCallback } from "react";
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
} from "#core/base/numbers.ts";
import type { MemoryTable } from "#core/model/memory-table.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import {
  isRecording,
  nameOfRow,
  type ProfileDocument,
  rowOfFunction,
  slotOf,
} from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FlameView } from "../../widgets/flame/flame-view.tsx";
import { MemoryChart } from "./memory-chart.tsx";
import { MemoryObjects } from "./memory-objects.tsx";
import { MemorySide } from "./memory-side.tsx";
import { growthHint, MemorySites, rateText, signedBytes, trendHint } from "./memory-sites.tsx";
import {
  changeMemory,
  hasObjects,
  type MemoryMode,
  type MemoryWhat,
  memoryId,
  memoryStateOf,
  memoryWords,
} from "./memory-state.ts";
import { MemoryTree } from "./memory-tree.tsx";
import "./memory.css";

const WIDTH_STEP_PX = 32;
const NARROWEST_PX = 0.75;

const isAboutMemory = (document: ProfileDocument): boolean => {
  const info = slotOf(document, "info").table;
  if (info === null) return false;
  return (
    info.heap.length > 0 ||
    info.series.some(({ kind }) => kind === "heap" || kind === "alloc") ||
    info.counters.some(({ unit, id }) => unit === "bytes" && !id.startsWith("io-"))
  );
};

/** Memory is what it was recorded for: it has nothing else, or nothing but the counters of a process. */
function isOfMemory(document: ProfileDocument): boolean {
  const info = slotOf(document, "info").table;
  if (info === null) return false;
  if (info.heap.length > 0) return true;
  if (info.series.length === 0) return document.recording?.profiler === "proc-memory";
  const isMemory = ({ kind }: { readonly kind: string }): boolean => kind === "heap" || kind === "alloc";
  return info.series.some(isMemory) && info.series.every((each) => isMemory(each) || each.kind === "other");
}

/** What is counted, as far as the profile tells it. */
function seriesFor(
  table: MemoryTable,
  what: MemoryWhat,
): { readonly what: MemoryWhat; readonly series: string } {
  const ids = { live: table.liveSeries, allocated: table.allocatedSeries, peak: table.peakSeries };
  const chosen = ids[what] === "" ? (ids.live === "" ? "allocated" : "live") : what;
  return { what: chosen, series: ids[chosen] };
}

export const memoryDocumentView: DocumentView = {
  id: memoryId,
  title: "Memory",
  longTitle: "Memory: what lives, grows and leaks",
  when: isAboutMemory,
  isFirst: isOfMemory,
  search: "filter",
  words: memoryWords,
  showsFunction: true,
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const { mode, sort, descending, suppressions, widthPx, zoomRoot, what, members, object, open, follow } =
      memoryStateOf(document);
    const plain = { ...selection, search: "" };
    if (mode === "objects") return { heap: { view: "heap", filter: selection.search, members, object } };
    const asked: Record<string, QueryInput> = {
      memory: { view: "memory", selection: plain, sort, descending, suppressions, filter: selection.search },
    };
    const { table } = slotOf(document, "memory");
    if (mode === "sites" || table === null) return asked;
    const { series, what: counted } = seriesFor(table, what);
    if (series === "") return asked;
    // The peak is one moment of the whole.
    const counting = {
      ...selection,
      series,
      ...(counted === "peak" ? { rangeNs: null, lastNs: null } : {}),
    };
    if (mode === "tree")
      return { ...asked, "tree/memory": { view: "tree", selection: counting, open: [...open], follow } };
    if (widthPx === 0) return asked;
    return {
      ...asked,
      "flame/memory": {
        view: "flame",
        selection: counting,
        widthPx: Math.ceil(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX,
        minPx: NARROWEST_PX,
        root: zoomRoot,
        inverted: false,
      },
    };
  },
  Component: MemoryView,
  Tools: MemoryTools,
};

const modes: readonly (readonly [MemoryMode, string])[] = [
  ["sites", "Sites"],
  ["flame", "Flame graph"],
  ["tree", "Tree"],
];

function MemoryTools({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { mode } = memoryStateOf(document);
  const shown: readonly (readonly [MemoryMode, string])[] = hasObjects(document)
    ? [["objects", "Objects"], ...modes]
    : modes;
  return (
    <>
      {shown.map(([each, title]) => (
        <Button
          key={each}
          small
          look="quiet"
          aria-pressed={mode === each}
          onClick={() => changeMemory(store, document.id, { mode: each })}
        >
          {title}
        </Button>
      ))}
    </>
  );
}

function MemoryView({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const { id, history, paused } = document;
  const { table, problem } = slotOf(document, "memory");
  const { mode, curves } = memoryStateOf(document);
  const timeline = slotOf(document, "timeline").table;
  if (mode === "objects")
    return (
      <ViewFrame document={document} problem={slotOf(document, "heap").problem} samples={null}>
        <section className="memory" aria-label="Memory">
          <MemoryObjects document={document} />
        </section>
      </ViewFrame>
    );
  return (
    <ViewFrame document={document} problem={problem} samples={null}>
      {table === null ? (
        <EmptyState busy title="Adding up the allocations" />
      ) : (
        <section className="memory" aria-label="Memory">
          <Facts table={table} isGrowing={isRecording(document) && history.present.rangeNs === null} />
          <MemoryChart
            table={table}
            timeline={timeline}
            live={isRecording(document) && !paused}
            curves={curves}
            setCurves={(ids) => changeMemory(app.store, id, { curves: ids })}
            rangeNs={history.present.rangeNs}
            setRange={(range) =>
              app.store.getState().select(id, { rangeNs: range ? [range[0], range[1]] : null, lastNs: null })
            }
          />
          <div className="memory-body">
            <div className="memory-main">
              {mode === "sites" ? <MemorySites document={document} table={table} /> : null}
              {mode === "flame" ? <MemoryFlame document={document} table={table} /> : null}
              {mode === "tree" ? (
                <>
                  <div className="memory-whats">
                    <WhatButtons document={document} table={table} />
                  </div>
                  <MemoryTree
                    document={document}
                    label={titleOf(seriesFor(table, memoryStateOf(document).what).what)}
                  />
                </>
              ) : null}
            </div>
            {table.sites.length > 0 || table.suppressed.length > 0 ? (
              <MemorySide document={document} table={table} />
            ) : null}
          </div>
        </section>
      )}
    </ViewFrame>
  );
}

/** The numbers of the range, in a row. */
function Facts({ table, isGrowing }: { readonly table: MemoryTable; readonly isGrowing: boolean }) {
  const facts: [string, string, string, string?][] = [];
  const grown = table.liveAtEndBytes - table.liveAtStartBytes;
  if (table.liveSeries !== "") {
    const when = table.peakAtNs < 0 ? "" : `at ${formatDuration(table.peakAtNs)}`;
    facts.push(["Peak", formatBytes(table.peakBytes), when]);
    facts.push([
      `${isGrowing ? "Live now" : table.timed ? "Live at the end" : "Live"}${table.leastSizes ? ", at least" : ""}`,
      formatBytes(table.liveAtEndBytes),
      table.liveAtEndBlocks > 0
        ? formatCountOf(table.liveAtEndBlocks, table.sampledObjects ? "sampled object" : "block")
        : "",
    ]);
    if (table.timed) {
      const from = table.liveAtStartBytes === 0 ? "" : `from ${formatBytes(table.liveAtStartBytes)}`;
      facts.push(["Growth", signedBytes(grown), from, growthHint]);
      if (table.ratePerS !== 0) facts.push(["Trend", rateText(table.ratePerS), "", trendHint]);
    }
  }
  if (table.allocatedSeries !== "") {
    const count = table.allocations > 0 ? formatCountOf(table.allocations, "time") : "";
    facts.push(["Allocated", formatBytes(table.allocatedBytes), count]);
    if (table.liveSeries !== "" && !table.sampledObjects)
      facts.push(["Freed", formatBytes(table.freedBytes), ""]);
  }
  if (table.temporary > 0)
    facts.push([
      "Temporary",
      formatCount(table.temporary),
      formatPercent(table.temporary, table.allocations),
    ]);
  if (table.source === "")
    for (const { name, lastBytes, ratePerS } of table.counters
      .filter(({ peakBytes }) => peakBytes > 0)
      .slice(0, 6))
      facts.push([name.replace(/ \(.*\)$/, ""), formatBytes(lastBytes), rateText(ratePerS)]);
  if (table.source === "" && table.pageFaults !== null) {
    const { perS, majorPerS } = table.pageFaults;
    const fromDisk = majorPerS < 0.5 ? "" : `${formatCount(Math.round(majorPerS))}/s from a disk`;
    facts.push(["Page faults", `${formatCount(Math.round(perS))}/s`, fromDisk]);
  }
  return (
    <dl className="memory-facts">
      {facts.map(([name, value, more, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong> <span className="muted">{more}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const whats: readonly (readonly [MemoryWhat, string])[] = [
  ["live", "Still there"],
  ["allocated", "Allocated"],
  ["peak", "At the peak"],
];

function MemoryFlame({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: MemoryTable;
}) {
  const app = useApp();
  const theme = useAppState(themeOf);
  const { id } = document;
  const { what, zoomRoot } = memoryStateOf(document);
  const { table: flame } = slotOf(document, "flame/memory");
  const chosen = seriesFor(table, what).what;
  const widthChanged = useCallback((widthPx: number) => changeMemory(app.store, id, { widthPx }), [app, id]);
  const zoom = useCallback((root: number) => changeMemory(app.store, id, { zoomRoot: root }), [app, id]);
  const select = useCallback(
    (functionIndex: number, node: number) => {
      const row = flame ? rowOfFunction(flame, functionIndex) : -1;
      if (functionIndex < 0 || !flame || row < 0) app.actions.unpick(id);
      else app.actions.pick(id, functionIndex, node, nameOfRow(flame, row));
    },
    [app, id, flame],
  );
  return (
    <FlameView
      table={flame}
      selectedFunction={document.selectedFunction}
      live={isRecording(document) && !document.paused}
      widthChanged={widthChanged}
      zoomRoot={zoomRoot}
      zoom={zoom}
      select={select}
      openMenu={(position, row) => {
        if (flame) openFunctionMenu(app, document, position, subjectOfRow(flame, row));
      }}
      inverted={false}
      label={titleOf(chosen)}
      theme={theme}
      tools={<WhatButtons document={document} table={table} />}
    />
  );
}

const titleOf = (what: MemoryWhat): string => whats.find(([each]) => each === what)?.[1] ?? "Memory";

/** What the flame graph and the tree count, as far as the profile tells it. */
function WhatButtons({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: MemoryTable;
}) {
  const { store } = useApp();
  const chosen = seriesFor(table, memoryStateOf(document).what).what;
  return whats
    .filter(([each]) => seriesFor(table, each).what === each)
    .map(([each, title]) => (
      <Button
        key={each}
        small
        look="quiet"
        aria-pressed={chosen === each}
        // The nodes of another series are others.
        onClick={() =>
          changeMemory(store, document.id, { what: each, zoomRoot: -1, open: [], follow: -1, node: -1 })
        }
      >
        {title}
      </Button>
    ));
}
