import { useState } from "react";
import { chipsOf } from "../../app/selection.ts";
import { type ProfileDocument, threadNameOf } from "../../app/store/document.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Dialog } from "../../widgets/dialog.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ExportForm } from "../../widgets/export/export-form.tsx";

export function ExportDialog({ documentId }: { readonly documentId: string }) {
  const close = useAppState((state) => state.closeDialog);
  const document = useAppState((state) => state.documents.find((each) => each.id === documentId));
  return document ? (
    <ExportProfile document={document} onClose={close} />
  ) : (
    <Dialog title="Export" onClose={close}>
      <EmptyState title="This profile is not open any more" />
    </Dialog>
  );
}

function ExportProfile({
  document,
  onClose,
}: {
  readonly document: ProfileDocument;
  readonly onClose: () => void;
}) {
  const { actions, shell } = useApp();
  const exporters = useAppState((state) => state.registry.exporters);
  const chips = chipsOf(document.history.present, threadNameOf(document));
  // What is looked at is what is meant.
  const [whole, setWhole] = useState(chips.length === 0);
  return (
    <ExportForm
      title="Export"
      testId="export-dialog"
      exporters={exporters}
      name={document.title}
      isDesktop={shell.kind === "desktop"}
      onClose={onClose}
      what={String(whole)}
      write={(choice, signal) => actions.exportProfile(document.id, { ...choice, whole }, signal)}
      preview={(choice, signal) => actions.previewExport(document.id, { ...choice, whole }, signal)}
    >
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
            <span className={`radio-title${chips.length === 0 ? " faint" : ""}`}>What the filters leave</span>
            <span className="field-help">
              {chips.length === 0
                ? "No filter is on."
                : chips.map((chip) => `${chip.kind} ${chip.text}`).join(", ")}
            </span>
          </span>
        </label>
      </fieldset>
    </ExportForm>
  );
}
