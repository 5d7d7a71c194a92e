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

/** One line of the palette. */
interface Entry {
  readonly id: string;
  /** What is searched. */
  readonly value: string;
  readonly title: string;
  readonly keys?: string | undefined;
  readonly more?: string;
  readonly run: () => void;
}
interface EntryGroup {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

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
  const groups: readonly EntryGroup[] = [
    ...commandGroups.map((group) => ({
      heading: group,
      entries: possible
        .filter((command) => command.group === group)
        .map(({ id, title, keys, run }) => ({ id, value: `${title} ${id}`, title, keys: keys[0], run })),
    })),
    {
      heading: "Open profiles",
      entries: documents.map(({ id, title }) => ({
        id,
        value: `${title} ${id}`,
        title,
        run: () => store.getState().showDocument(id),
      })),
    },
    {
      heading: "Sessions",
      entries: saved.map((session) => ({
        id: session.sessionId,
        value: `${session.target} ${session.profiler} ${session.sessionId}`,
        title: session.target,
        more: `${session.profiler} · ${momentWords(session.startedAtMs, Date.now())}`,
        run: () => void actions.openSession(session),
      })),
    },
    {
      heading: "Recent files",
      entries: recentFiles
        .filter((file) => file.exists)
        .map(({ path, title }) => ({
          id: path,
          value: path,
          title,
          more: path,
          run: () => void actions.openPath(path),
        })),
    },
  ].filter(({ entries }) => entries.length > 0);
  const scoreOf = (value: string): number =>
    isPattern(search) ? Number(asked.matches(value)) : defaultFilter(value, search);
  // The library puts what fits best first within a group alone, and Enter takes the first of all.
  const inOrder =
    search === ""
      ? groups
      : groups
          .map((group) => ({ group, best: Math.max(...group.entries.map(({ value }) => scoreOf(value))) }))
          .sort((a, b) => b.best - a.best)
          .map(({ group }) => group);
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
          {inOrder.map(({ heading, entries }) => (
            <Palette.Group key={heading} heading={heading}>
              {entries.map(({ id, value, title, keys, more, run }) => (
                <Palette.Item key={id} value={value} onSelect={choose(run)}>
                  <span className="truncate">{title}</span>
                  {keys ? <kbd>{readableKeys(keys, shell.mac)}</kbd> : null}
                  {more ? <span className="palette-path truncate">{more}</span> : null}
                </Palette.Item>
              ))}
            </Palette.Group>
          ))}
        </Palette.List>
      </Palette>
    </Dialog>
  );
}
