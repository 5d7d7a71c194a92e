import { useApp, useAppState } from "../../app/use-app.ts";
import { ExportForm } from "../../widgets/export/export-form.tsx";

/** Writes the comparison: a report to send, or data. */
export function CompareExportDialog() {
  const { actions, shell } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const exporters = useAppState((state) => state.registry.comparisonExporters);
  return (
    <ExportForm
      title="Export the comparison"
      testId="compare-export"
      exporters={exporters}
      name=""
      titleHelp="Empty: the names of what is compared."
      isDesktop={shell.kind === "desktop"}
      onClose={close}
      what=""
      write={actions.exportComparison}
      preview={actions.previewComparison}
    />
  );
}
