import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { chipsOf } from "../../app/selection.ts";
import { type ProfileDocument, threadNameOf } from "../../app/store/document.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { noReportChoice, type ReportChoice, ReportFields } from "../../widgets/report-fields.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import "./export.css";

export function ExportDialog({ documentId }: { readonly documentId: string }) {
  const close = useAppState((state) => state.closeDialog);
  const document = useAppState((state) => state.documents.find((each) => each.id === documentId));
  return document ? (
    <ExportForm document={document} onClose={close} />
  ) : (
    <Dialog title="Export" onClose={close}>
      <EmptyState title="This profile is not open any more" />
    </Dialog>
  );
}

function ExportForm({
  document,
  onClose,
}: {
  readonly document: ProfileDocument;
  readonly onClose: () => void;
}) {
  const { actions, shell } = useApp();
  const exporters = useAppState((state) => state.registry.exporters);
  const formId = useId();
  const [exporterId, setExporterId] = useState(exporters[0]?.id ?? "");
  const [title, setTitle] = useState(document.title);
  const [whole, setWhole] = useState(true);
  const [report, setReport] = useState<ReportChoice>(noReportChoice);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const chips = chipsOf(document.history.present, threadNameOf(document));
  const exporter = exporters.find((each) => each.id === exporterId);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!exporter) return;
    const run = new AbortController();
    abort.current = run;
    setBusy(true);
    setProblem(null);
    const failed = await actions.exportProfile(
      document.id,
      { exporter, title: title.trim(), whole, ...report },
      run.signal,
    );
    setBusy(false);
    if (!failed) onClose();
    else if (failed.code !== "cancelled") setProblem(failed);
  };

  return (
    <Dialog
      title="Export"
      onClose={onClose}
      width={480}
      testId="export-dialog"
      footer={
        <>
          <Button onClick={() => (busy ? abort.current?.abort() : onClose())}>Cancel</Button>
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
        <Field label="Title">
          {(wiring) => (
            <TextInput {...wiring} value={title} onChange={(event) => setTitle(event.target.value)} />
          )}
        </Field>
        <ReportFields exporter={exporter} value={report} onChange={setReport} />
        <fieldset className="radios">
          <legend className="field-label">What of it</legend>
          <label className="radio">
            <input type="radio" name="whole" checked={whole} onChange={() => setWhole(true)} />
            <span className="radio-title">The whole profile</span>
          </label>
          <label className="radio">
            <input
              type="radio"
              name="whole"
              checked={!whole}
              disabled={chips.length === 0}
              onChange={() => setWhole(false)}
            />
            <span>
              <span className={`radio-title${chips.length === 0 ? " faint" : ""}`}>
                What the filters leave
              </span>
              <span className="field-help">
                {chips.length === 0
                  ? "No filter is on."
                  : chips.map((chip) => `${chip.kind} ${chip.text}`).join(", ")}
              </span>
            </span>
          </label>
        </fieldset>
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
