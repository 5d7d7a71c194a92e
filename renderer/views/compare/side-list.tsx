import { formatCountOf, formatDuration, formatValue } from "#core/base/numbers.ts";
import type { RunSummary } from "#core/model/compare.ts";
import { type CompareSide, compareSlot } from "../../app/store/compare.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button, IconButton } from "../../widgets/button.tsx";

const titles: Readonly<Record<CompareSide, string>> = { before: "Before", after: "After" };

/** The runs of one side. */
export function SideList({ side }: { readonly side: CompareSide }) {
  const { store, actions } = useApp();
  const compare = useAppState((state) => state.compare);
  const runs = compare[side];
  const { table } = compareSlot(compare, "summary");
  const facts = table?.[side] ?? [];
  return (
    <section className="compare-side" aria-label={`Side ${side}`} data-testid={`compare-${side}`}>
      <header>
        <h2>{titles[side]}</h2>
        {runs.length > 1 ? <span className="muted">{runs.length} runs</span> : null}
        <span className="spacer" />
        <Button
          small
          look="quiet"
          icon="plus"
          onClick={() => store.getState().openDialog({ kind: "compare-add", side })}
        >
          Add…
        </Button>
      </header>
      {runs.length === 0 ? <p className="faint">Nothing yet</p> : null}
      <ul>
        {runs.map((run, index) => (
          <li key={run.id}>
            <button
              type="button"
              className="compare-run truncate"
              title={`Open ${run.title}`}
              onClick={() => actions.openRun(run)}
            >
              <span className="compare-run-title">{run.title}</span>
              {run.part === "" ? null : <span className="compare-run-part">{run.part}</span>}
            </button>
            <span className="muted compare-run-facts">
              {facts.length === runs.length ? factsOf(facts[index], table?.unit ?? "") : ""}
            </span>
            <IconButton
              small
              icon="close"
              label={`Take ${run.title} off the side ${side}`}
              onClick={() => actions.removeRun(side, run.id)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function factsOf(run: RunSummary | undefined, unit: string): string {
  if (!run) return "";
  const value = formatValue(run.totalValue, unit);
  return [
    unit === "samples" ? `${value} samples` : value,
    ...(run.samples !== null && unit !== "samples" ? [formatCountOf(run.samples, "sample")] : []),
    ...(run.durationNs > 0 ? [`in ${formatDuration(run.durationNs)}`] : []),
  ].join(" · ");
}
