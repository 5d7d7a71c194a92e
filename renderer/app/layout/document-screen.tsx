import { memo, useDeferredValue, useEffect, useRef } from "react";
import { formatBytes } from "#core/base/numbers.ts";
import type { TimelineTable } from "#core/model/tables.ts";
import { RecordingBanner } from "../../views/recording/recording-banner.tsx";
import { RecordingStart } from "../../views/recording/recording-start.tsx";
import { timelineHeightPx } from "../../views/timeline/timeline-height.ts";
import { binsFor, TimelineView } from "../../views/timeline/timeline-view.tsx";
import { TourStrip } from "../../views/tour/tour-card.tsx";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { SplitRows } from "../../widgets/split.tsx";
import { ProblemBox, Progress } from "../../widgets/status.tsx";
import { isAlike } from "../same-document.ts";
import { toggledThreads } from "../selection.ts";
import { isRecording, type ProfileDocument, slotOf } from "../store/document.ts";
import { themeOf } from "../store/settings.ts";
import { timelineStateOf, withTimelineState } from "../timeline-state.ts";
import { useApp, useAppState } from "../use-app.ts";
import { AdviceStrip } from "./advice-strip.tsx";
import { DocumentTabs } from "./document-tabs.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import "./document-screen.css";

export function DocumentScreen({ document }: { readonly document: ProfileDocument }) {
  const { views } = useApp();
  const { recordingId, profileId, profileState, tables, upload, problem, tab } = document;
  useRoughWidth(document);
  const info = slotOf(document, "info");
  const nothing = Object.values(tables).every(({ table }) => table === null);
  if (upload) return <Importing document={document} />;
  if (recordingId !== "" && profileId === "") return <RecordingStart document={document} />;
  if (problem && profileId === "") return <OpenFailed document={document} />;
  if (profileState?.phase === "failed" && nothing) return <OpenFailed document={document} />;
  if (nothing && info.problem) return <OpenFailed document={document} />;
  if (nothing || (profileState?.phase === "importing" && !info.table?.series.length)) {
    return recordingId !== "" ? <RecordingStart document={document} /> : <Importing document={document} />;
  }
  return (
    <>
      <h1 className="visually-hidden">{document.title}</h1>
      <TourStrip document={document} />
      <RecordingBanner document={document} />
      {profileState?.phase === "importing" ? <ImportStrip document={document} /> : null}
      <AdviceStrip document={document} />
      <CalmPanes document={document} />
      {views.find(({ id }) => id === tab)?.search ? <SelectionBar document={document} /> : null}
    </>
  );
}

/** The map beside the flame graph and its scroll bar, the names beside the lanes: as in the style sheet. */
const besidePx = 100;
const besideLanesPx = 195;

/** Graph and timeline are asked for before they have been laid out, about as wide as they will be: one waits for them. */
function useRoughWidth({ id, flameWidthPx }: ProfileDocument): void {
  const { store } = useApp();
  useEffect(() => {
    const roomPx = window.document.querySelector("main")?.clientWidth ?? 0;
    if (flameWidthPx === 0 && roomPx > besidePx)
      store.getState().patchDocument(id, {
        flameWidthPx: roomPx - besidePx,
        timelineBins: binsFor(roomPx - besideLanesPx),
      });
  }, [store, id, flameWidthPx]);
}

/**
 * What the recorder counts, it counts in the bar at the top: the panes are not drawn again for that alone. At first they
 * are made in slices, once the frame around them is on the screen: they are most of the page.
 */
function CalmPanes({ document }: { readonly document: ProfileDocument }) {
  const calm = useRef(document);
  if (!isAlike(calm.current, document)) calm.current = document;
  const isTime = useDeferredValue(true, false);
  return isTime ? <Panes document={calm.current} /> : <div className="panes-to-come" />;
}

/** A dump of threads has one moment, and nothing that is drawn over time. */
const isBare = (table: TimelineTable | null): boolean =>
  table !== null &&
  table.lanes.length + table.counters.length + table.intervalLanes.length + table.marks.length === 0;

/** Of the timeline, until the person moves the bar below it; a few lanes take less. */
const MOST_TIMELINE_PX = 190;

/** The timeline stands above where the profile has times. */
const Panes = memo(({ document }: { readonly document: ProfileDocument }) => {
  const timeline = slotOf(document, "timeline");
  if (timeline.table?.timed === false || (isBare(timeline.table) && !isRecording(document)))
    return <DocumentTabs document={document} />;
  return (
    <SplitRows
      label="Height of the timeline"
      topSizePx={Math.min(
        MOST_TIMELINE_PX,
        timelineHeightPx(timeline.table, timelineStateOf(document)) ?? MOST_TIMELINE_PX,
      )}
      top={<Timeline document={document} />}
      bottom={<DocumentTabs document={document} />}
    />
  );
});

/** Zooming a graph or picking from a table draws no lanes again. */
const Timeline = memo(DocumentTimeline, ({ document: a }, { document: b }) =>
  (["id", "tables", "history", "viewState", "paused", "recording"] as const).every((key) =>
    key === "tables" ? a.tables.timeline === b.tables.timeline : a[key] === b[key],
  ),
);

function DocumentTimeline({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const theme = useAppState(themeOf);
  const { id, history, paused } = document;
  const timeline = slotOf(document, "timeline");
  const { select, patchDocument } = store.getState();
  if (timeline.problem && !timeline.table) return <ProblemBox problem={timeline.problem} />;
  return (
    <TimelineView
      table={timeline.table}
      rangeNs={history.present.rangeNs}
      setRange={(rangeNs) => select(id, { rangeNs: rangeNs ? [rangeNs[0], rangeNs[1]] : null })}
      threads={history.present.threads}
      toggleThread={(thread, additive) =>
        select(id, { threads: toggledThreads(history.present.threads, thread, additive) })
      }
      state={timelineStateOf(document)}
      change={(patch) => patchDocument(id, (now) => withTimelineState(now, patch))}
      live={isRecording(document) && !paused}
      binsChanged={(timelineBins) => patchDocument(id, { timelineBins })}
      theme={theme}
    />
  );
}

function Importing({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const { upload, profileState, title } = document;
  const share = upload
    ? upload.sizeBytes > 0
      ? upload.sentBytes / upload.sizeBytes
      : -1
    : (profileState?.progress ?? -1);
  return (
    <EmptyState
      icon="file"
      title={upload ? `Uploading ${title}` : `Reading ${title}`}
      actions={<Button onClick={() => actions.cancelImport(document.id)}>Cancel</Button>}
    >
      <div className="import-progress">
        <Progress label={upload ? "Upload" : "Import"} share={share} />
        <p>
          {upload
            ? `${formatBytes(upload.sentBytes)} of ${formatBytes(upload.sizeBytes)}`
            : share >= 0
              ? `${Math.round(share * 100)} %`
              : "Opening…"}
        </p>
      </div>
    </EmptyState>
  );
}

/** Some of it can be seen already. */
function ImportStrip({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const share = document.profileState?.progress ?? -1;
  return (
    <div className="import-strip">
      <span>Reading the rest{share >= 0 ? `: ${Math.round(share * 100)} %` : "…"}</span>
      <Progress label="Import" share={share} />
      <Button small look="quiet" onClick={() => actions.cancelImport(document.id)}>
        Cancel
      </Button>
    </div>
  );
}

function OpenFailed({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const { problem, profileState, title, path } = document;
  const shown = problem ?? profileState?.problem ?? slotOf(document, "info").problem;
  return (
    <div className="recording-start">
      <h1>{title} could not be opened</h1>
      {shown ? <ProblemBox problem={shown} /> : null}
      {path ? <p className="muted selectable mono">{path}</p> : null}
      <div className="recording-start-actions">
        <Button look="primary" onClick={() => void actions.openDialog()}>
          Open another file…
        </Button>
        <Button onClick={() => actions.closeDocument(document.id)}>Close</Button>
      </div>
    </div>
  );
}
