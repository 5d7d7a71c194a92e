import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Problem, Result } from "#core/base/result.ts";
import type { ExporterInfo } from "#core/contract.ts";
import { Button } from "../button.tsx";
import { Dialog } from "../dialog.tsx";
import { Field, TextArea, TextInput } from "../field.tsx";
import { ProblemBox } from "../status.tsx";
import { ExportPreview, type PreviewBytes } from "./export-preview.tsx";
import "./export.css";

export interface ExportFormChoice {
  readonly exporter: ExporterInfo;
  readonly title: string;
  readonly notes: string;
  /** null for those that the report has by itself. */
  readonly panels: readonly string[] | null;
  readonly options: readonly string[];
}

export interface ExportFormProps {
  readonly title: string;
  readonly testId: string;
  readonly exporters: readonly ExporterInfo[];
  /** What the report is called at first. */
  readonly name: string;
  readonly titleHelp?: string;
  readonly isDesktop: boolean;
  readonly onClose: () => void;
  /** Changes with what `children` choose: then the preview is another one. */
  readonly what: string;
  /** "cancelled" is no problem. */
  readonly write: (choice: ExportFormChoice, signal: AbortSignal) => Promise<Problem | null>;
  readonly preview: (choice: ExportFormChoice, signal: AbortSignal) => Promise<Result<PreviewBytes> | null>;
  /** What else there is to choose. */
  readonly children?: ReactNode;
}

/** Chooses a form, a title, notes and panels, and shows what will be written. */
export function ExportForm(props: ExportFormProps) {
  const { exporters, onClose, isDesktop, preview } = props;
  const formId = useId();
  const [exporterId, setExporterId] = useState(exporters[0]?.id ?? "");
  const [title, setTitle] = useState(props.name);
  const [notes, setNotes] = useState("");
  const [panels, setPanels] = useState<readonly string[] | null>(null);
  const [options, setOptions] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const exporter = exporters.find((each) => each.id === exporterId);
  const choice: ExportFormChoice | null = exporter
    ? { exporter, title: title.trim(), notes, panels, options }
    : null;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!choice) return;
    const run = new AbortController();
    abort.current = run;
    setBusy(true);
    setProblem(null);
    const failed = await props.write(choice, run.signal);
    setBusy(false);
    if (!failed) onClose();
    else if (failed.code !== "cancelled") setProblem(failed);
  };

  return (
    <Dialog
      title={props.title}
      onClose={onClose}
      width={1040}
      testId={props.testId}
      footer={
        <>
          <Button onClick={() => (busy ? abort.current?.abort() : onClose())}>Cancel</Button>
          <Button look="primary" icon="export" type="submit" form={formId} busy={busy} disabled={!choice}>
            {isDesktop ? "Export…" : "Download"}
          </Button>
        </>
      }
    >
      <div className="export-columns">
        <form id={formId} className="export-form" onSubmit={(event) => void submit(event)}>
          <Formats
            exporters={exporters}
            chosen={exporterId}
            choose={(id) => {
              setExporterId(id);
              setPanels(null);
              setOptions([]);
            }}
          />
          {props.children}
          {exporter && exporter.panels.length > 0 ? (
            <>
              <Field label="Title" help={props.titleHelp}>
                {(wiring) => (
                  <TextInput {...wiring} value={title} onChange={(event) => setTitle(event.target.value)} />
                )}
              </Field>
              <Switches
                legend="Panels"
                all={exporter.panels}
                chosen={panels ?? exporter.panels.filter(({ isDefault }) => isDefault).map(({ id }) => id)}
                choose={setPanels}
              />
              <Field label="Notes" help="What the reader should know. They stand below the title.">
                {(wiring) => (
                  <TextArea
                    {...wiring}
                    rows={3}
                    value={notes}
                    onChange={(event) => setNotes(event.target.value)}
                  />
                )}
              </Field>
            </>
          ) : null}
          {exporter && exporter.options.length > 0 ? (
            <Switches legend="With" all={exporter.options} chosen={options} choose={setOptions} isWide />
          ) : null}
          {problem ? <ProblemBox problem={problem} /> : null}
        </form>
        {choice ? <ExportPreview choice={choice} what={props.what} ask={preview} /> : null}
      </div>
    </Dialog>
  );
}

function Formats({
  exporters,
  chosen,
  choose,
}: {
  readonly exporters: readonly ExporterInfo[];
  readonly chosen: string;
  readonly choose: (id: string) => void;
}) {
  const { purpose = "", extension = "" } = exporters.find(({ id }) => id === chosen) ?? {};
  const helpId = useId();
  return (
    <fieldset className="radios" aria-describedby={helpId}>
      <legend className="field-label">Format</legend>
      <div className="export-choices">
        {exporters.map(({ id, title }) => (
          <label key={id} className="export-choice">
            <input
              type="radio"
              name="exporter"
              value={id}
              checked={id === chosen}
              // biome-ignore lint/a11y/noAutofocus: a dialog begins at its first choice
              autoFocus={id === chosen}
              onChange={() => choose(id)}
            />
            <span>{title}</span>
          </label>
        ))}
      </div>
      <p id={helpId} className="field-help">
        {purpose.charAt(0).toUpperCase()}
        {purpose.slice(1).replace(/\.$/, "")}. <span className="faint">.{extension}</span>
      </p>
    </fieldset>
  );
}

function Switches({
  legend,
  all,
  chosen,
  choose,
  isWide = false,
}: {
  readonly legend: string;
  readonly all: readonly { readonly id: string; readonly title: string }[];
  readonly chosen: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
  /** Long titles: one a line. */
  readonly isWide?: boolean;
}) {
  const toggle = (id: string): void =>
    choose(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <fieldset className="radios">
      <legend className="field-label">{legend}</legend>
      <div className={isWide ? "export-choices wide" : "export-choices"}>
        {all.map(({ id, title }) => (
          <label key={id} className="export-choice">
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
            <span>{title}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
