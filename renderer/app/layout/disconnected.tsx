import type { Problem } from "#core/base/result.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";

/** The whole page where there is no engine to talk to. */
export function Disconnected({
  problem,
  onReload,
}: {
  readonly problem: Problem;
  readonly onReload: () => void;
}) {
  return (
    <main className="whole-page" data-testid="disconnected" data-problem={problem.code}>
      <div role="alert">
        <EmptyState
          icon="flame"
          title={problem.message}
          actions={
            <Button look="primary" icon="refresh" onClick={onReload} autoFocus>
              Reload
            </Button>
          }
        >
          <p>{problem.fix}</p>
          {problem.detail ? <p className="faint mono">{problem.detail}</p> : null}
        </EmptyState>
      </div>
    </main>
  );
}
