import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import { formatInterval, intervalWords } from "#core/base/shares.ts";
import type { SelectedWeight, TopTable } from "#core/model/tables.ts";
import { Button } from "../../widgets/button.tsx";
import { exactPattern } from "../selection.ts";
import { isRecording, type ProfileDocument, rowOfFunction, slotOf } from "../store/document.ts";
import { useApp } from "../use-app.ts";

/** The selected function with its numbers, each with its unit and its whole; what can be done with it. */
export function SelectionBar({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const { id, selectedFunction, selectedName } = document;
  if (selectedFunction < 0) return <Whole document={document} />;
  const { table } = slotOf(document, "top/picked");
  const row = table ? rowOfFunction(table, selectedFunction) : -1;
  return (
    <section className="selection-bar" aria-label="Selected function">
      <span className="selection-name truncate" title={selectedName} data-testid="selected-name">
        {selectedName}
      </span>
      {table && row >= 0 ? (
        <Numbers table={table} row={row} />
      ) : (
        <span className="muted">{table ? "not in this selection" : "…"}</span>
      )}
      <span className="selection-actions">
        <Button
          small
          look="quiet"
          keys="F"
          onClick={() => actions.transform(id, { type: "focus", pattern: exactPattern(selectedName) })}
        >
          Focus
        </Button>
        <Button
          small
          look="quiet"
          keys="H"
          onClick={() => actions.transform(id, { type: "hide", pattern: exactPattern(selectedName) })}
        >
          Hide
        </Button>
        <Button small look="quiet" keys="C" onClick={() => actions.copy(selectedName, "the name")}>
          Copy
        </Button>
      </span>
    </section>
  );
}

/** The value is itself a number of things: a second number of samples would only confuse. */
const isCounted = ({ unit }: SelectedWeight): boolean => unit === "samples" || unit === "count";

const countWords = ({ totalValue, unit }: SelectedWeight): string =>
  `${formatCount(totalValue)} ${unit === "samples" ? "samples" : "in all"}`;

function Numbers({ table, row }: { readonly table: TopTable; readonly row: number }) {
  const self = table.self[row] ?? 0;
  const total = table.total[row] ?? 0;
  const samples = table.totalSamplesOf[row] ?? 0;
  const path = table.strings[table.file[row] ?? -1] || table.strings[table.binary[row] ?? -1] || "";
  const line = table.line[row] ?? -1;
  const file = path.slice(path.lastIndexOf("/") + 1);
  return (
    <span className="selection-numbers" data-testid="selected-numbers">
      <span>
        <span className="faint">self</span> {formatPercent(self, table.totalValue)}{" "}
        <Interval value={self} table={table} />
      </span>
      <span>
        <span className="faint">total</span> {formatPercent(total, table.totalValue)}{" "}
        <Interval value={total} table={table} />
      </span>
      <span className="selection-context">
        {isCounted(table)
          ? `${formatCount(total)} of ${formatCount(table.totalValue)}${table.unit === "samples" ? " samples" : ""}`
          : `${formatCount(samples)} of ${formatCountOf(table.totalSamples, "sample")} · ${formatValue(total, table.unit)}`}
      </span>
      {file ? (
        <span className="selection-place truncate faint" title={path}>
          {file}
          {line >= 0 ? `:${line}` : ""}
        </span>
      ) : null}
    </span>
  );
}

function Interval({ value, table }: { readonly value: number; readonly table: TopTable }) {
  const interval = formatInterval(value, table);
  if (interval === "") return null;
  return (
    <span className="selection-interval faint" title={intervalWords(value, table)}>
      {interval}
    </span>
  );
}

/** Counters and lists of open files name none. */
const hasFunctions = (document: ProfileDocument): boolean => {
  const info = slotOf(document, "info").table;
  return info === null || info.functions > 0 || isRecording(document);
};

/** Nothing is selected: the whole of what is shown. */
function Whole({ document }: { readonly document: ProfileDocument }) {
  const { views } = useApp();
  const slot = views.find(({ id }) => id === document.tab)?.weightSlot;
  const shown = slot === undefined ? null : (document.tables[slot]?.table ?? null);
  const table = shown !== null && "totalValue" in shown ? shown : null;
  return (
    <section className="selection-bar" aria-label="Selected function">
      {table ? (
        <span className="muted">
          {isCounted(table)
            ? countWords(table)
            : `${formatCountOf(table.totalSamples, "sample")} · ${formatValue(table.totalValue, table.unit)}`}
        </span>
      ) : null}
      <span className="faint truncate">
        {hasFunctions(document) ? "Select a function to see its share" : "No functions in this profile"}
      </span>
    </section>
  );
}
