import type { CompareSummaryTable } from "#core/model/compare.ts";
import { Icon } from "../../widgets/icon.tsx";

/** What came of it, in words; the sentence that weighs most first. */
export function Verdict({
  summary,
  growing,
}: {
  readonly summary: CompareSummaryTable;
  readonly growing: number;
}) {
  const [whole, ...others] = summary.verdict;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="compare-verdict" aria-label="Verdict" tabIndex={0} data-testid="compare-verdict">
      <p className="compare-verdict-whole">
        <span data-kind={kindOf(summary)}>
          <Icon name={iconOf(summary)} size={14} />
        </span>
        {whole}
        {growing > 0 ? <span className="muted"> Still growing.</span> : null}
      </p>
      <ul>
        {others.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="compare-basis muted">{summary.basis}</p>
    </section>
  );
}

function kindOf({ total }: CompareSummaryTable): "grown" | "shrunk" | "noise" {
  if (total.certainty === "within" || total.state === "same") return "noise";
  return total.change > 0 ? "grown" : "shrunk";
}

function iconOf(summary: CompareSummaryTable): "up" | "down" | "check" {
  const kind = kindOf(summary);
  return kind === "noise" ? "check" : kind === "grown" ? "up" : "down";
}
