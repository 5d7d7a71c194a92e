import { Command as Palette } from "cmdk";
import { Dialog } from "../../widgets/dialog.tsx";
import { type Command, commandGroups } from "../commands.ts";
import { readableKeys } from "../keymap.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./palette.css";

/** Every command that can be done now, and the open profiles and recent files beside them. */
export function CommandPalette({ commands }: { readonly commands: readonly Command[] }) {
  const { store, shell, actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const recentFiles = useAppState((state) => state.recentFiles);
  const documents = useAppState((state) => state.documents);
  const choose = (run: () => void) => (): void => {
    close();
    run();
  };
  const possible = commands.filter(
    (command) => command.id !== "command-palette" && command.when(store.getState()),
  );
  return (
    <Dialog title="Commands" hideTitle onClose={close} width={560} testId="palette">
      <Palette label="Commands" loop className="palette">
        <Palette.Input placeholder="Type a command, a profile or a file" autoFocus />
        <Palette.List>
          <Palette.Empty>Nothing of that name can be done here.</Palette.Empty>
          {commandGroups
            .map((group) => ({ group, members: possible.filter((command) => command.group === group) }))
            .filter(({ members }) => members.length > 0)
            .map(({ group, members }) => (
              <Palette.Group key={group} heading={group}>
                {members.map((command) => (
                  <Palette.Item
                    key={command.id}
                    value={`${command.title} ${command.id}`}
                    onSelect={choose(command.run)}
                  >
                    <span className="truncate">{command.title}</span>
                    {command.keys[0] ? <kbd>{readableKeys(command.keys[0], shell.mac)}</kbd> : null}
                  </Palette.Item>
                ))}
              </Palette.Group>
            ))}
          {documents.length > 0 ? (
            <Palette.Group heading="Open profiles">
              {documents.map((document) => (
                <Palette.Item
                  key={document.id}
                  value={`${document.title} ${document.id}`}
                  onSelect={choose(() => store.getState().showDocument(document.id))}
                >
                  <span className="truncate">{document.title}</span>
                </Palette.Item>
              ))}
            </Palette.Group>
          ) : null}
          {recentFiles.some((file) => file.exists) ? (
            <Palette.Group heading="Recent files">
              {recentFiles
                .filter((file) => file.exists)
                .map((file) => (
                  <Palette.Item
                    key={file.path}
                    value={file.path}
                    onSelect={choose(() => void actions.openPath(file.path))}
                  >
                    <span className="truncate">{file.title}</span>
                    <span className="palette-path truncate">{file.path}</span>
                  </Palette.Item>
                ))}
            </Palette.Group>
          ) : null}
        </Palette.List>
      </Palette>
    </Dialog>
  );
}
