import { memo } from "react";
import { useShallow } from "zustand/react/shallow";
import { RecordingControls } from "../../views/recording/recording-controls.tsx";
import { RecordingStatus } from "../../views/recording/recording-status.tsx";
import { Button } from "../../widgets/button.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { Menu } from "../../widgets/menu.tsx";
import type { Command } from "../commands.ts";
import { readableKeys } from "../keymap.ts";
import { isReadable, isRecording } from "../store/document.ts";
import { activeDocument } from "../store/workspace.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./top-bar.css";

/** What is being looked at, how its recording goes, and what can be done with it. */
export function TopBar({ commands }: { readonly commands: readonly Command[] }) {
  const { shell, store } = useApp();
  const document = useAppState(activeDocument);
  return (
    <header className="app-bar">
      <div className="app-brand">
        <Icon name="flame" size={18} />
        <span>Flamewright</span>
      </div>
      {document ? (
        <>
          <DocumentSwitch
            id={document.id}
            title={document.title}
            path={document.path}
            narrow={document.recordingId !== ""}
          />
          {document.recordingId !== "" ? <RecordingStatus document={document} /> : null}
        </>
      ) : null}
      <span className="app-spacer" />
      {document ? <RecordingControls document={document} /> : null}
      {document && isReadable(document) ? (
        <Button
          icon="export"
          onClick={() => store.getState().openDialog({ kind: "export", documentId: document.id })}
        >
          Export
        </Button>
      ) : null}
      <button
        type="button"
        className={`app-commands${document ? " narrow" : ""}`}
        aria-label="Search commands"
        onClick={() => commands.find((command) => command.id === "command-palette")?.run()}
      >
        <Icon name="search" size={14} />
        <span className="app-commands-text">Search commands</span>
        <span className="keycap" aria-hidden="true">
          {readableKeys("Ctrl+K", shell.mac)}
        </span>
      </button>
    </header>
  );
}

interface DocumentSwitchProps {
  readonly id: string;
  readonly title: string;
  readonly path: string;
  /** How its recording goes stands beside it. */
  readonly narrow: boolean;
}

const DocumentSwitch = memo(({ id, title, path, narrow }: DocumentSwitchProps) => {
  const ids = useAppState(useShallow(({ documents }) => documents.map((each) => each.id)));
  const titles = useAppState(
    useShallow(({ documents }) =>
      documents.map((each) => (isRecording(each) ? `${each.title} (recording)` : each.title)),
    ),
  );
  const showDocument = useAppState((state) => state.showDocument);
  return (
    <Menu
      heading="Open profiles"
      actions={ids.map((each, at) => ({
        id: each,
        title: titles[at] ?? "",
        checked: each === id,
        run: () => showDocument(each),
      }))}
    >
      <Button look="quiet" className={`app-title${narrow ? " narrow" : ""}`} title={path || title}>
        <span className="truncate">{title}</span>
        <Icon name="down" size={12} />
      </Button>
    </Menu>
  );
});
