import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { noReportChoice, type ReportChoice, ReportFields } from "../../widgets/report-fields.tsx";
import { ProblemBox } from "../../widgets/status.tsx";

/** Writes the comparison: a report to send, or data. */
export function CompareExportDialog() {
  const { actions, shell } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const exporters = useAppState((state) => state.registry.comparisonExporters);
  const formId = useId();
  const [exporterId, setExporterId] = useState(exporters[0]?.id ?? "");
  const [title, setTitle] = useState("");
  const [report, setReport] = useState<ReportChoice>(noReportChoice);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const exporter = exporters.find((each) => each.id === exporterId);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!exporter) return;
    const run = new AbortController();
    abort.current = run;
    setBusy(true);
    setProblem(null);
    const failed = await actions.exportComparison({ exporter, title: title.trim(), ...report }, run.signal);
    setBusy(false);
    if (!failed) close();
    else if (failed.code !== "cancelled") setProblem(failed);
  };

  return (
    <Dialog
      title="Export the comparison"
      onClose={close}
      width={480}
      testId="compare-export"
      footer={
        <>
          <Button onClick={() => (busy ? abort.current?.abort() : close())}>Cancel</Button>
          <Button look="primary" icon="export" type="submit" form={formId} busy={busy} disabled={!exporter}>
            {shell.kind === "desktop" ? "Export…" : "Download"}
          </Button>
        </>
      }
    >
      <form id={formId} className="export-form" onSubmit={(event) => void submit(event)}>
        <fieldset className="radios">
          <legend className="field-label">Format</legend>
          {exporters.map((each) => (
            <label key={each.id} className="radio">
              <input
                type="radio"
                name="exporter"
                value={each.id}
                checked={each.id === exporterId}
                autoFocus={each.id === exporterId}
                onChange={() => {
                  setExporterId(each.id);
                  setReport({ ...report, panels: null });
                }}
              />
              <span>
                <span className="radio-title">
                  {each.title} <span className="faint">.{each.extension}</span>
                </span>
                <span className="field-help">{each.purpose}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="Title" help="Empty: the names of what is compared.">
          {(wiring) => (
            <TextInput {...wiring} value={title} onChange={(event) => setTitle(event.target.value)} />
          )}
        </Field>
        <ReportFields exporter={exporter} value={report} onChange={setReport} />
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
