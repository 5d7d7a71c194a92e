import { useRef } from "react";
import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { HeatmapTable, TimelineTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { type ProfileDocument, slotOf } from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { useElementSize } from "../../widgets/use-element-size.ts";
import { HeatmapPicture } from "./heatmap-picture.tsx";
import "./heatmap.css";

export const heatmapDocumentView: DocumentView = {
  id: "heatmap",
  title: "Heatmap",
  longTitle: "Heat map: seconds by parts of a second",
  when: (document) => slotOf(document, "timeline").table?.timed !== false,
  search: "search",
  weightSlot: "heatmap",
  // All of the time: this is where a part of it is chosen.
  queries: (document, selection) => ({
    heatmap: {
      view: "heatmap",
      selection: { ...selection, rangeNs: null, lastNs: null, search: "" },
      ...shapeFor(slotOf(document, "timeline").table),
    },
  }),
  Component: HeatmapView,
};

/** Columns of a second; of a short recording, of as much as gives a picture. */
function shapeFor(timeline: TimelineTable | null): { columnNs: number; rows: number } {
  const spanNs = timeline?.durationNs ?? 0;
  if (spanNs === 0 || spanNs >= 20e9) return { columnNs: 1e9, rows: 50 };
  return spanNs >= 1e9 ? { columnNs: 1e8, rows: 20 } : { columnNs: 1e7, rows: 20 };
}

/** Subsecond offset heat map, after Brendan Gregg's FlameScope (https://www.brendangregg.com/HeatMaps/subsecondoffset.html). */
function HeatmapView({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const theme = useAppState(themeOf);
  const panel = useRef<HTMLDivElement>(null);
  const size = useElementSize(panel);
  const { table, problem } = slotOf(document, "heatmap");
  const { id, history } = document;
  return (
    <ViewFrame document={document} problem={problem} samples={table?.totalSamples ?? null}>
      <section className="heatmap" aria-label="Heat map">
        <p className="heatmap-bar">
          {table ? (
            <>
              <span className="muted">
                One column is {formatDuration(table.columnNs)}, from bottom to top; the stronger the colour,
                the busier.
              </span>
              {history.present.rangeNs ? (
                <Button
                  small
                  look="quiet"
                  icon="flame"
                  keys="Enter"
                  title="The chosen time as a flame graph; a double click does the same"
                  onClick={() => store.getState().patchDocument(id, { tab: "flame" })}
                >
                  Flame graph
                </Button>
              ) : null}
              <Scale table={table} />
            </>
          ) : null}
        </p>
        <div className="heatmap-panel" ref={panel}>
          {table === null ? (
            <EmptyState busy title="Preparing the heat map" />
          ) : table.timed ? (
            <HeatmapPicture
              table={table}
              size={{ widthPx: size.widthPx - 32, heightPx: size.heightPx - 64 }}
              theme={theme}
              rangeNs={history.present.rangeNs}
              setRange={(range) =>
                store.getState().select(id, { rangeNs: range ? [range[0], range[1]] : null, lastNs: null })
              }
              showFlame={() => store.getState().patchDocument(id, { tab: "flame" })}
            />
          ) : (
            <EmptyState icon="info" title="These samples have no times">
              The profile says how often, not when: there is nothing to lay out in time.
            </EmptyState>
          )}
        </div>
        {table?.timed ? <Twin table={table} /> : null}
      </section>
    </ViewFrame>
  );
}

function Scale({ table }: { readonly table: HeatmapTable }) {
  return (
    <span className="heatmap-scale">
      <span>0</span>
      <span className="heatmap-scale-bar" aria-hidden="true" />
      <span>{formatValue(table.largest, table.unit)}</span>
    </span>
  );
}

/** The same in numbers: weight by column. */
function Twin({ table }: { readonly table: HeatmapTable }) {
  const columns = Array.from({ length: table.columns }, (_, column) => {
    const from = column * table.rows;
    const sum = (values: ArrayLike<number>): number => {
      let all = 0;
      for (let cell = from; cell < from + table.rows; cell++) all += values[cell] ?? 0;
      return all;
    };
    return { column, value: sum(table.values), samples: sum(table.samples) };
  });
  return (
    <table className="visually-hidden">
      <caption>Weight by time</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Samples</th>
          <th scope="col">Weight</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {columns.map(({ column, value, samples }) => (
          <tr key={column}>
            <th scope="row">{formatDuration(table.startNs + column * table.columnNs)}</th>
            <td>{formatCount(samples)}</td>
            <td>{formatValue(value, table.unit)}</td>
            <td>{formatPercent(value, table.totalValue)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
