import { formatDuration } from "#core/base/numbers.ts";
import type { TimeRange } from "../../app/timeline-state.ts";
import { Button } from "../../widgets/button.tsx";

export interface TimelineCrumbsProps {
  readonly durationNs: number;
  readonly committed: readonly TimeRange[];
  /** What is brushed inside of the innermost; null for nothing. */
  readonly brushed: TimeRange | null;
  readonly isZoomed: boolean;
  readonly hasWaits: boolean;
  readonly hasRuns: boolean;
  /** Back to the first so many ranges: 0 is all of the time. */
  readonly goBackTo: (kept: number) => void;
  readonly goInto: (range: TimeRange) => void;
  readonly showAll: () => void;
}

/** The ranges that were gone into, each a way back, and what is to be done with the one that is brushed. */
export function TimelineCrumbs(props: TimelineCrumbsProps) {
  const { committed, brushed, isZoomed, hasWaits, hasRuns } = props;
  if (committed.length === 0 && brushed === null && !isZoomed && !hasWaits) return null;
  return (
    <div className="timeline-crumbs">
      <nav className="flame-crumbs" aria-label="Time shown">
        <ol>
          <li>
            <button
              type="button"
              aria-current={committed.length === 0 ? "true" : undefined}
              onClick={() => props.goBackTo(0)}
            >
              All {formatDuration(props.durationNs)}
            </button>
          </li>
          {committed.map((range, index) => (
            <li key={range.join()}>
              <button
                type="button"
                aria-current={index === committed.length - 1 ? "true" : undefined}
                onClick={() => props.goBackTo(index + 1)}
                title={`From ${formatDuration(range[0])} to ${formatDuration(range[1])}`}
              >
                {formatDuration(range[1] - range[0])} at {formatDuration(range[0])}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      {hasWaits ? (
        <span className="timeline-key">
          {hasRuns ? (
            <>
              <span className="timeline-runs" aria-hidden="true" /> runs
            </>
          ) : null}
          <span className="timeline-waits" aria-hidden="true" /> waits
        </span>
      ) : null}
      {brushed === null ? null : (
        <Button look="quiet" small onClick={() => props.goInto(brushed)} title="Zoom into the range (Enter)">
          Zoom into {formatDuration(brushed[1] - brushed[0])}
        </Button>
      )}
      {isZoomed ? (
        <Button look="quiet" small onClick={props.showAll} title="Take back what was zoomed by hand (0)">
          Unzoom
        </Button>
      ) : null}
    </div>
  );
}
