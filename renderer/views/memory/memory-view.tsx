import { useCallback } from "react";
import { formatBytes, formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
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
import { MemorySites, rateText, signedBytes } from "./memory-sites.tsx";
import {
  changeMemory,
  hasObjects,
  type MemoryMode,
  type MemoryWhat,
  memoryId,
  memoryStateOf,
  memoryWords,
} from "./memory-state.ts";
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

/** What the flame graph counts, as far as the profile tells it. */
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
  search: "filter",
  words: memoryWords,
  showsFunction: true,
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const { mode, sort, descending, suppressions, widthPx, zoomRoot, what, members, object } =
      memoryStateOf(document);
    const plain = { ...selection, search: "" };
    if (mode === "objects") return { heap: { view: "heap", filter: selection.search, members, object } };
    const asked: Record<string, QueryInput> = {
      memory: { view: "memory", selection: plain, sort, descending, suppressions, filter: selection.search },
    };
    const { table } = slotOf(document, "memory");
    if (mode !== "flame" || table === null || widthPx === 0) return asked;
    const { series, what: counted } = seriesFor(table, what);
    if (series === "") return asked;
    return {
      ...asked,
      "flame/memory": {
        view: "flame",
        // The peak is one moment of the whole.
        selection: { ...selection, series, ...(counted === "peak" ? { rangeNs: null, lastNs: null } : {}) },
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
  const { mode } = memoryStateOf(document);
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
          <Facts table={table} />
          <MemoryChart
            table={table}
            timeline={timeline}
            live={isRecording(document) && !paused}
            rangeNs={history.present.rangeNs}
            setRange={(range) =>
              app.store.getState().select(id, { rangeNs: range ? [range[0], range[1]] : null, lastNs: null })
            }
          />
          <div className="memory-body">
            <div className="memory-main">
              {mode === "sites" ? (
                <MemorySites document={document} table={table} />
              ) : (
                <MemoryFlame document={document} table={table} />
              )}
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
function Facts({ table }: { readonly table: MemoryTable }) {
  const facts: [string, string, string][] = [];
  const grown = table.liveAtEndBytes - table.liveAtStartBytes;
  if (table.liveSeries !== "") {
    const when = table.peakAtNs < 0 ? "" : `at ${formatDuration(table.peakAtNs)}`;
    facts.push(["Peak", formatBytes(table.peakBytes), when]);
    facts.push([
      "Live at the end",
      formatBytes(table.liveAtEndBytes),
      table.liveAtEndBlocks > 0 ? `${formatCount(table.liveAtEndBlocks)} blocks` : "",
    ]);
    if (table.timed) facts.push(["Growth", signedBytes(grown), rateText(table.ratePerS)]);
  }
  if (table.allocatedSeries !== "") {
    const count = table.allocations > 0 ? `${formatCount(table.allocations)} times` : "";
    facts.push(["Allocated", formatBytes(table.allocatedBytes), count]);
    if (table.liveSeries !== "") facts.push(["Freed", formatBytes(table.freedBytes), ""]);
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
  return (
    <dl className="memory-facts">
      {facts.map(([name, value, more]) => (
        <div key={name}>
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
  const offered = whats.filter(([each]) => seriesFor(table, each).what === each);
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
      label={whats.find(([each]) => each === chosen)?.[1] ?? "Memory"}
      theme={theme}
      tools={offered.map(([each, title]) => (
        <Button
          key={each}
          small
          look="quiet"
          aria-pressed={chosen === each}
          onClick={() => changeMemory(app.store, id, { what: each, zoomRoot: -1 })}
        >
          {title}
        </Button>
      ))}
    />
  );
}
