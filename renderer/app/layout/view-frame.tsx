import type { ReactNode } from "react";
import type { Problem } from "#core/base/result.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { chipsOf } from "../selection.ts";
import { isRecording, type ProfileDocument, slotOf, threadNameOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

/** Counters, and lists of what is open, have none. */
const hasSamples = (document: ProfileDocument): boolean => {
  const info = slotOf(document, "info").table;
  return info === null || isRecording(document) || info.series.some(({ samples }) => samples > 0);
};

/** What every filtered view has around it: why its question failed, and the way back where filters left nothing. */
export function ViewFrame({
  document,
  problem,
  samples,
  children,
}: {
  readonly document: ProfileDocument;
  readonly problem: Problem | null;
  /** Samples in the table; null while there is none. */
  readonly samples: number | null;
  readonly children: ReactNode;
}) {
  const { actions } = useApp();
  const isEmptied = samples === 0 && chipsOf(document.history.present, threadNameOf(document)).length > 0;
  return (
    <>
      {problem ? <ProblemBox problem={problem} /> : null}
      {isEmptied ? (
        <EmptyState
          icon="search"
          title="No samples match the filters"
          actions={<Button onClick={() => actions.clear(document.id)}>Clear all filters</Button>}
        >
          Take a filter away, or widen the time range.
        </EmptyState>
      ) : samples === 0 && !hasSamples(document) ? (
        <EmptyState icon="info" title="This profile has no samples">
          It was counted, not sampled: what it has stands over time above, in Info, and in the views named
          after what was measured.
        </EmptyState>
      ) : (
        children
      )}
    </>
  );
}
