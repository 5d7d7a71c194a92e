import { defaultFilter, Command as Palette, useCommandState } from "cmdk";
import { useState } from "react";
import { formatCount } from "#core/base/numbers.ts";
import { Dialog } from "../../widgets/dialog.tsx";
import { momentWords } from "../../widgets/time-words.ts";
import { type Command, commandGroups } from "../commands.ts";
import { readableKeys } from "../keymap.ts";
import { sortedSessions } from "../store/sessions.ts";
import { isPattern, textSearch } from "../text-search.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./palette.css";

/** More than anybody looks through here; the screen of sessions has them all. */
const MOST_SESSIONS = 50;

/** How many are found, or what is wrong with the pattern. */
function PaletteCount({ problem }: { readonly problem: string }) {
  const count = useCommandState((state) => (state.search === "" ? -1 : state.filtered.count));
  return (
    <span className={`palette-count${problem === "" ? "" : " bad"}`} role="status">
      {problem !== "" ? problem : count < 0 ? "" : `${formatCount(count)} found`}
    </span>
  );
}

/** Every command that can be done now, and the open profiles and recent files beside them. */
export function CommandPalette({ commands }: { readonly commands: readonly Command[] }) {
  const { store, shell, actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const recentFiles = useAppState((state) => state.recentFiles);
  const documents = useAppState((state) => state.documents);
  const sessions = useAppState((state) => state.sessions) ?? [];
  const [search, setSearch] = useState("");
  const asked = textSearch(search);
  const choose = (run: () => void) => (): void => {
    close();
    run();
  };
  const possible = commands.filter(
    (command) => command.id !== "command-palette" && command.when(store.getState()),
  );
  const saved = sortedSessions(sessions).slice(0, MOST_SESSIONS);
  return (
    <Dialog title="Commands" hideTitle onClose={close} width={560} testId="palette">
      <Palette
        label="Commands"
        loop
        className="palette"
        filter={(value, typed) =>
          isPattern(typed) ? Number(asked.matches(value)) : defaultFilter(value, typed)
        }
      >
        <div className="palette-head">
          <Palette.Input
            placeholder="A command, a profile, a session, a file; or /regex/"
            autoFocus
            value={search}
            onValueChange={setSearch}
            aria-invalid={asked.problem !== "" || undefined}
          />
          <PaletteCount problem={asked.problem} />
        </div>
        <Palette.List>
          <Palette.Empty>
            {/* A list box has options, or it is none. */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: nothing can be chosen */}
            <span role="option" aria-selected="false" aria-disabled="true">
              Nothing of that name can be done here.
            </span>
          </Palette.Empty>
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
          {saved.length > 0 ? (
            <Palette.Group heading="Sessions">
              {saved.map((session) => (
                <Palette.Item
                  key={session.sessionId}
                  value={`${session.target} ${session.profiler} ${session.sessionId}`}
                  onSelect={choose(() => void actions.openSession(session))}
                >
                  <span className="truncate">{session.target}</span>
                  <span className="palette-path">
                    {session.profiler} · {momentWords(session.startedAtMs, Date.now())}
                  </span>
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
