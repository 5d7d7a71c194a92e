import { type FormEvent, useEffect, useId, useState } from "react";
import { formatCountOf } from "#core/base/numbers.ts";
import { chipsOf } from "../../app/selection.ts";
import type { CompareSide } from "../../app/store/compare.ts";
import { isReadable, threadNameOf } from "../../app/store/document.ts";
import { sortedSessions } from "../../app/store/sessions.ts";
import { countOfMatches, textSearch } from "../../app/text-search.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, SearchInput, TextInput } from "../../widgets/field.tsx";
import { momentWords } from "../../widgets/time-words.ts";

interface Choice {
  readonly id: string;
  readonly group: "Open profiles" | "Sessions" | "Recent files";
  readonly title: string;
  readonly about: string;
  readonly add: () => void;
}

/** What can be put on a side: what is open, recorded or was opened before, several at once; or any file. */
export function CompareAddDialog({ side }: { readonly side: CompareSide }) {
  const { actions, shell } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [path, setPath] = useState("");
  const choices = useChoices(side);

  useEffect(() => {
    void actions.refreshRecent();
  }, [actions]);

  const { matches, problem } = textSearch(search);
  const shown = choices.filter(({ title, about }) => matches(`${title}\n${about}`));
  const count = chosen.size + (path.trim() === "" ? 0 : 1);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    for (const choice of choices) if (chosen.has(choice.id)) choice.add();
    if (path.trim() !== "") void actions.addPathTo(side, path.trim());
    if (count > 0) close();
  };
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };

  return (
    <Dialog
      title={`Add to the side ${side}`}
      description="Several of a side are taken for runs of the same: what differs between them is noise."
      onClose={close}
      width={560}
      testId="compare-add"
      footer={
        <>
          <Button
            icon="open"
            onClick={() => {
              close();
              void actions.chooseFilesFor(side);
            }}
          >
            Choose files…
          </Button>
          <span className="spacer" />
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form={formId} disabled={count === 0}>
            {count > 1 ? `Add ${count}` : "Add"}
          </Button>
        </>
      }
    >
      <form id={formId} className="compare-form" onSubmit={submit}>
        <SearchInput
          label="Search what can be added"
          placeholder="Words or /regex/"
          value={search}
          problem={problem}
          count={countOfMatches(search, shown.length, choices.length)}
          onChange={setSearch}
        />
        <div className="compare-choices">
          {shown.length === 0 ? <p className="muted">Nothing here: choose files, or give a path.</p> : null}
          {(["Open profiles", "Sessions", "Recent files"] as const).map((group) => {
            const own = shown.filter((choice) => choice.group === group);
            return own.length === 0 ? null : (
              <fieldset key={group} className="compare-group">
                <legend className="field-label">{group}</legend>
                {own.map((choice) => (
                  <label key={choice.id} className="compare-choice">
                    <input
                      type="checkbox"
                      checked={chosen.has(choice.id)}
                      onChange={() => toggle(choice.id)}
                    />
                    <span className="truncate">{choice.title}</span>
                    <span className="muted truncate">{choice.about}</span>
                  </label>
                ))}
              </fieldset>
            );
          })}
        </div>
        <Field
          label={
            shell.kind === "desktop"
              ? "Or the path of a file or a folder"
              : "Or a path on the engine's machine"
          }
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              value={path}
              placeholder="/home/me/runs"
              onChange={(event) => setPath(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}

function useChoices(side: CompareSide): readonly Choice[] {
  const { actions } = useApp();
  const documents = useAppState((state) => state.documents);
  const sessions = useAppState((state) => state.sessions);
  const recent = useAppState((state) => state.recentFiles);
  const open = documents.filter(isReadable).flatMap((document): Choice[] => {
    const chips = chipsOf(document.history.present, threadNameOf(document));
    const all: Choice = {
      id: `document ${document.id}`,
      group: "Open profiles",
      title: document.title,
      about: chips.length > 0 ? "all of it" : "",
      add: () => actions.addDocumentTo(side, document.id, "whole"),
    };
    if (chips.length === 0) return [all];
    return [
      {
        ...all,
        id: `part ${document.id}`,
        about: chips.map(({ kind, text }) => `${kind} ${text}`).join(", "),
        add: () => actions.addDocumentTo(side, document.id, "selected"),
      },
      all,
    ];
  });
  const recorded = sortedSessions(sessions ?? [])
    .filter(({ state }) => state === "saved")
    .map(
      (session): Choice => ({
        id: `session ${session.sessionId}`,
        group: "Sessions",
        title: session.target,
        about: `${session.profiler} · ${formatCountOf(session.samples, "sample")} · ${momentWords(session.startedAtMs, Date.now())}`,
        add: () => void actions.addSessionTo(side, session),
      }),
    );
  const files = recent
    .filter(({ exists }) => exists)
    .map(
      (file): Choice => ({
        id: `file ${file.path}`,
        group: "Recent files",
        title: file.title,
        about: file.path,
        add: () => void actions.addPathTo(side, file.path),
      }),
    );
  return [...open, ...recorded, ...files];
}
