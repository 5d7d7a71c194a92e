import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import type { Command } from "../commands.ts";
import { onDemand } from "../on-demand.tsx";
import { useAppState } from "../use-app.ts";
import { KeysSheet } from "./keys-sheet.tsx";
import { CommandPalette } from "./palette.tsx";

const CompareAddDialog = onDemand(
  async () => (await import("../../views/compare/add-dialog.tsx")).CompareAddDialog,
);
const CompareExportDialog = onDemand(
  async () => (await import("../../views/compare/export-dialog.tsx")).CompareExportDialog,
);
const CompareRunsDialog = onDemand(
  async () => (await import("../../views/compare/runs-dialog.tsx")).CompareRunsDialog,
);
const CompareWithDialog = onDemand(
  async () => (await import("../../views/compare/with-dialog.tsx")).CompareWithDialog,
);
const ExportDialog = onDemand(
  async () => (await import("../../views/export/export-dialog.tsx")).ExportDialog,
);
const EndpointDialog = onDemand(
  async () => (await import("../../views/launch/endpoint-dialog.tsx")).EndpointDialog,
);
const LaunchDialog = onDemand(
  async () => (await import("../../views/launch/launch-dialog.tsx")).LaunchDialog,
);
const SystemDialog = onDemand(
  async () => (await import("../../views/launch/system-dialog.tsx")).SystemDialog,
);
const MarkDialog = onDemand(async () => (await import("../../views/recording/mark-dialog.tsx")).MarkDialog);
const FiltersDialog = onDemand(async () => (await import("./filters-dialog.tsx")).FiltersDialog);
const StateDialog = onDemand(async () => (await import("./state-dialog.tsx")).StateDialog);

/** The same at every drawing. */
const noPids: readonly number[] = [];

/** The one dialog that is open. */
export function Dialogs({ commands }: { readonly commands: readonly Command[] }) {
  const dialog = useAppState((state) => state.dialog);
  const close = useAppState((state) => state.closeDialog);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case "palette":
      return <CommandPalette commands={commands} />;
    case "keys":
      return <KeysSheet commands={commands} />;
    case "launch":
      return <LaunchDialog />;
    case "endpoint":
      return <EndpointDialog />;
    case "system":
      return <SystemDialog pids={dialog.pids ?? noPids} />;
    case "export":
      return <ExportDialog documentId={dialog.documentId} />;
    case "state":
      return <StateDialog documentId={dialog.documentId} />;
    case "filters":
      return <FiltersDialog documentId={dialog.documentId} at={dialog.at} />;
    case "compare-add":
      return <CompareAddDialog side={dialog.side} />;
    case "compare-with":
      return <CompareWithDialog documentId={dialog.documentId} />;
    case "compare-runs":
      return <CompareRunsDialog />;
    case "compare-export":
      return <CompareExportDialog />;
    case "mark":
      return <MarkDialog documentId={dialog.documentId} />;
    case "confirm": {
      const { other } = dialog;
      return (
        <Dialog
          title={dialog.title}
          description={dialog.text}
          onClose={close}
          width={440}
          testId="confirm"
          footer={
            <>
              <Button onClick={close} autoFocus={dialog.danger}>
                Cancel
              </Button>
              {other ? (
                <Button
                  onClick={() => {
                    close();
                    other.run();
                  }}
                >
                  {other.action}
                </Button>
              ) : null}
              <Button
                look={dialog.danger ? "danger" : "primary"}
                autoFocus={!dialog.danger}
                onClick={() => {
                  close();
                  dialog.run();
                }}
              >
                {dialog.action}
              </Button>
            </>
          }
        >
          {null}
        </Dialog>
      );
    }
  }
}
