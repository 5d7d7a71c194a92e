import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { CodeLine, ProblemBox } from "../../widgets/status.tsx";
import { phaseWords } from "./recording-words.ts";

/** A recording of which there is nothing to look at yet, or never will be. */
export function RecordingStart({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const state = document.recording;
  const problem = state?.problem ?? document.problem;
  const commands = state?.commands ?? [];
  const elevation = state?.elevation ?? [];
  const failed = state?.phase === "failed" || document.problem !== null;
  return (
    <div className="recording-start">
      {failed ? (
        <>
          <h1>{document.title} was not recorded</h1>
          {problem ? <ProblemBox problem={problem} /> : null}
          <div className="recording-start-actions">
            {document.request
              ? elevation.map(({ way }) => (
                  <Button key={way} look="primary" onClick={() => void actions.again(document.id, way)}>
                    Record with {way}…
                  </Button>
                ))
              : null}
            {document.request ? (
              <Button
                look={elevation.length > 0 ? "normal" : "primary"}
                icon="refresh"
                onClick={() => void actions.again(document.id)}
              >
                Try again
              </Button>
            ) : null}
            <Button onClick={() => actions.closeDocument(document.id)}>Close</Button>
          </div>
        </>
      ) : (
        <EmptyState busy title={state ? `${phaseWords(state)}…` : "Starting…"}>
          The first samples appear here within a second or two.
        </EmptyState>
      )}
      {commands.length > 0 ? (
        <section aria-label="Commands">
          <h2>{failed ? "What was tried" : "What runs"}</h2>
          {commands.map((command) => (
            <CodeLine key={command} text={command} />
          ))}
        </section>
      ) : null}
    </div>
  );
}
