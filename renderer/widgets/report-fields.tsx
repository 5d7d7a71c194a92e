import type { ExporterInfo } from "#core/contract.ts";
import { Field, TextArea } from "./field.tsx";
import "./report-fields.css";

export interface ReportChoice {
  readonly notes: string;
  /** null for those that the report has by itself. */
  readonly panels: readonly string[] | null;
}

export const noReportChoice: ReportChoice = { notes: "", panels: null };

/** What a report has beside its title: its panels as check boxes, and notes. Nothing for data. */
export function ReportFields({
  exporter,
  value,
  onChange,
}: {
  readonly exporter: ExporterInfo | undefined;
  readonly value: ReportChoice;
  readonly onChange: (value: ReportChoice) => void;
}) {
  const panels = exporter?.panels ?? [];
  if (panels.length === 0) return null;
  const chosen = value.panels ?? panels.filter(({ isDefault }) => isDefault).map(({ id }) => id);
  const toggle = (id: string): void =>
    onChange({
      ...value,
      panels: chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id],
    });
  return (
    <>
      <fieldset className="radios report-panels">
        <legend className="field-label">Panels</legend>
        {panels.map(({ id, title }) => (
          <label key={id} className="report-panel">
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <Field label="Notes" help="What the reader should know. They stand below the title.">
        {(wiring) => (
          <TextArea
            {...wiring}
            rows={3}
            value={value.notes}
            onChange={(event) => onChange({ ...value, notes: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
