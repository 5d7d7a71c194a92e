import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { formatCount } from "#core/base/numbers.ts";
import type { LogLine } from "#core/model/recording.ts";
import type { DocumentView } from "../../app/document-view.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { tabbed, useTableText } from "../../widgets/table-text.ts";
import "./log.css";

const sourceWords: Readonly<Record<LogLine["source"], string>> = {
  command: "command",
  stderr: "tool",
  output: "output",
  workbench: "workbench",
};

const LINE_PX = 18;
/** So close to the end counts as at the end. */
const NEAR_PX = 24;

const secondsOf = (timeNs: number): string => (timeNs / 1e9).toFixed(3);

const asText = (lines: readonly LogLine[]): string =>
  tabbed([
    ["seconds", "from", "text"],
    ...lines.map(({ timeNs, source, text }) => [secondsOf(timeNs), sourceWords[source], text]),
  ]);

export const logDocumentView: DocumentView = {
  id: "log",
  title: "Log",
  when: ({ recordingId, log }) => recordingId !== "" || log.length > 0,
  Component: LogView,
};

/** The exact command lines, what the tool said, what the launched program printed. */
function LogView({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const { log, logSkipped } = document;
  const scroller = useRef<HTMLDivElement | null>(null);
  const [follow, setFollow] = useState(true);
  const room = useRef<HTMLElement | null>(null);
  useTableText(room, { selected: () => "", all: () => asText(log) });
  const virtual = useVirtualizer({
    count: log.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });

  useEffect(() => {
    if (follow && log.length > 0) virtual.scrollToIndex(log.length - 1, { align: "end" });
  }, [follow, log.length, virtual]);

  return (
    <section className="log" ref={room} aria-label="Log">
      <div className="log-bar">
        <span className="muted">
          {formatCount(log.length)} {log.length === 1 ? "line" : "lines"}
          {logSkipped > 0 ? ` · ${formatCount(logSkipped)} earlier lines are in the session` : ""}
        </span>
        <label className="log-follow">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          Follow
        </label>
        <Button
          small
          look="quiet"
          icon="copy"
          disabled={log.length === 0}
          onClick={() => actions.copy(asText(log), "the log")}
        >
          Copy all
        </Button>
      </div>
      {log.length === 0 ? (
        <EmptyState icon="terminal" title="Nothing was logged yet">
          Command lines and the tool’s own words appear here.
        </EmptyState>
      ) : (
        <div
          className="log-lines"
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label="Lines"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
          tabIndex={0}
          onScroll={(event) => {
            const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
            setFollow(scrollHeight - scrollTop - clientHeight < NEAR_PX);
          }}
        >
          <div style={{ height: virtual.getTotalSize() }}>
            <div style={{ transform: `translateY(${virtual.getVirtualItems()[0]?.start ?? 0}px)` }}>
              {virtual.getVirtualItems().map((item) => {
                const line = log[item.index];
                return line ? (
                  <div
                    key={item.key}
                    ref={virtual.measureElement}
                    data-index={item.index}
                    className="log-line"
                  >
                    <span className="log-time">{secondsOf(line.timeNs)}</span>
                    <span className={`log-source from-${line.source}`}>{sourceWords[line.source]}</span>
                    <span className={`log-text selectable from-${line.source}`}>{line.text}</span>
                  </div>
                ) : null;
              })}
            </div>
          </div>
        </div>
      )}
    </section>
  );
}
