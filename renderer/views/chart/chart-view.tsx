import { useCallback, useEffect, useRef, useState } from "react";
import type { QueryInput } from "#core/model/query.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { nameOfRow, type ProfileDocument, slotOf, viewStateOf } from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { fieldWords } from "../../app/view-words.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { useElementSize } from "../../widgets/use-element-size.ts";
import { useReport } from "../../widgets/use-report.ts";
import { ChartPicture } from "./chart-picture.tsx";
import "./chart.css";

type Range = readonly [number, number];

interface ChartState {
  readonly widthPx: number;
  /** What is zoomed into; null for all of the selected time. */
  readonly zoomNs: Range | null;
}
const id = "chart";
const initial: ChartState = { widthPx: 0, zoomNs: null };
const stateOf = (document: ProfileDocument): ChartState => viewStateOf(document, id, initial);
const patched = (document: ProfileDocument, part: Partial<ChartState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [id]: { ...stateOf(document), ...part } },
});
const WIDTH_STEP_PX = 32;
/** A wheel turns faster than the engine answers. */
const SETTLE_MS = 60;

export const chartDocumentView: DocumentView = {
  id,
  title: "Chart",
  longTitle: "Chart: stacks in the order of time",
  when: (document) => slotOf(document, "timeline").table?.timed !== false,
  search: "search",
  weightSlot: "chart",
  words: [fieldWords(stateOf, initial, patched).range("zoom-time", "zoomNs")],
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const { widthPx, zoomNs } = stateOf(document);
    if (widthPx === 0) return {};
    return {
      chart: {
        view: "chart",
        selection: zoomNs === null ? selection : { ...selection, rangeNs: [...zoomNs], lastNs: null },
        widthPx: Math.ceil(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX,
      },
    };
  },
  Component: ChartView,
};

function ChartView({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const theme = useAppState(themeOf);
  const panel = useRef<HTMLDivElement>(null);
  const size = useElementSize(panel);
  const { table, problem } = slotOf(document, "chart");
  const { id: documentId, history } = document;
  const { zoomNs } = stateOf(document);
  const remember = useCallback(
    (part: Partial<ChartState>) =>
      app.store.getState().patchDocument(documentId, (now) => patched(now, part)),
    [app, documentId],
  );
  useReport(size.widthPx, (widthPx) => remember({ widthPx }));
  const timeline = slotOf(document, "timeline").table;
  const whole: Range = history.present.rangeNs ??
    (table && zoomNs === null ? [table.startNs, table.endNs] : null) ?? [0, timeline?.endNs ?? 1];
  const [shown, show] = useShown(zoomNs, whole, (zoom) => remember({ zoomNs: zoom }));
  const { search } = history.present;

  return (
    <ViewFrame
      document={document}
      problem={problem}
      samples={zoomNs === null ? (table?.totalSamples ?? null) : null}
    >
      <section className="chart" aria-label="Chart">
        <div className="chart-bar">
          <span className="muted truncate">
            {table && table.lanesInAll > table.lanes.length
              ? `The ${table.lanes.length} busiest of ${table.lanesInAll} threads`
              : "Callers above, what they call below, from left to right as it happened"}
          </span>
          {zoomNs ? (
            <>
              <Button
                small
                look="quiet"
                onClick={() => app.store.getState().select(documentId, { rangeNs: [...shown], lastNs: null })}
                title="Every view then shows this time only"
              >
                Select this time
              </Button>
              <Button small look="quiet" keys="Esc" onClick={() => show(whole)}>
                Show all
              </Button>
            </>
          ) : null}
        </div>
        <div className="chart-panel" ref={panel}>
          {table === null || size.widthPx === 0 ? (
            <EmptyState busy title="Preparing the chart" />
          ) : table.timed ? (
            <ChartPicture
              table={table}
              size={size}
              theme={theme}
              whole={whole}
              shown={shown}
              show={show}
              selectedFunction={document.selectedFunction}
              searching={search !== ""}
              select={(row) => {
                const func = table.function[row] ?? -1;
                if (func >= 0) app.actions.pick(documentId, func, -1, nameOfRow(table, row));
              }}
              openMenu={(position, row) =>
                openFunctionMenu(app, document, position, subjectOfRow(table, row))
              }
            />
          ) : (
            <EmptyState icon="info" title="These samples have no times">
              The profile says how often, not when: there is nothing to lay out in time.
            </EmptyState>
          )}
        </div>
      </section>
    </ViewFrame>
  );
}

/** The range on the screen moves at once; the engine is asked when it has come to rest. */
function useShown(
  zoomNs: Range | null,
  whole: Range,
  settle: (zoomNs: Range | null) => void,
): readonly [Range, (range: Range) => void] {
  const [moving, setMoving] = useState<Range | null>(null);
  const shown = moving ?? zoomNs ?? whole;
  const latest = useRef(settle);
  useEffect(() => {
    latest.current = settle;
  });
  const [wholeStart, wholeEnd] = whole;
  useEffect(() => {
    if (moving === null) return;
    const timer = setTimeout(() => {
      const isAll = moving[0] <= wholeStart && moving[1] >= wholeEnd;
      latest.current(isAll ? null : moving);
      setMoving(null);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [moving, wholeStart, wholeEnd]);
  return [shown, setMoving];
}
