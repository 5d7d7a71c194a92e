import type { ProfileDocument } from "../../app/store/document.ts";
import { useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { ProblemBox } from "../../widgets/status.tsx";

/** What went wrong with a recording or an import of which something is there to look at. */
export function RecordingBanner({ document }: { readonly document: ProfileDocument }) {
  const patchDocument = useAppState((state) => state.patchDocument);
  const problem = document.recording?.problem ?? document.profileState?.problem ?? document.problem;
  if (!problem || problem.code === document.dismissedProblem) return null;
  const failed = document.recording?.phase === "failed" || document.profileState?.phase === "failed";
  return (
    <div className="recording-banner">
      <ProblemBox
        problem={problem}
        tone={failed ? "fail" : "warn"}
        actions={
          <Button small onClick={() => patchDocument(document.id, { dismissedProblem: problem.code })}>
            Dismiss
          </Button>
        }
      />
    </div>
  );
}
