import { CompareAddDialog } from "../../views/compare/add-dialog.tsx";
import { CompareExportDialog } from "../../views/compare/export-dialog.tsx";
import { CompareRunsDialog } from "../../views/compare/runs-dialog.tsx";
import { CompareWithDialog } from "../../views/compare/with-dialog.tsx";
import { ExportDialog } from "../../views/export/export-dialog.tsx";
import { EndpointDialog } from "../../views/launch/endpoint-dialog.tsx";
import { LaunchDialog } from "../../views/launch/launch-dialog.tsx";
import { SystemDialog } from "../../views/launch/system-dialog.tsx";
import { MarkDialog } from "../../views/recording/mark-dialog.tsx";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import type { Command } from "../commands.ts";
import { useAppState } from "../use-app.ts";
import { FiltersDialog } from "./filters-dialog.tsx";
import { KeysSheet } from "./keys-sheet.tsx";
import { CommandPalette } from "./palette.tsx";
import { StateDialog } from "./state-dialog.tsx";

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
      return <SystemDialog />;
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
    case "confirm":
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
