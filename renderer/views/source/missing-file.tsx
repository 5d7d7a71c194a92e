import { type FormEvent, useId, useState } from "react";
import type { SourceText } from "#core/contract.ts";
import { mappedPaths, settingProblem } from "#core/model/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";

/** The file is not here: where it was looked for, and a way to say where it is. */
export function MissingFile({ source }: { readonly source: SourceText }) {
  const { actions } = useApp();
  const formId = useId();
  const known = useAppState((state) => state.settings?.sourceMaps);
  const [from, setFrom] = useState(() => folderOf(source.file));
  const [to, setTo] = useState("");
  const [asked, setAsked] = useState(false);
  const mapping = { from, to };
  const isOf = mappedPaths(source.file, [{ from, to: "/x" }]).some((path) => path.startsWith("/x"));
  const problem =
    to.trim() === ""
      ? "Which folder of this machine?"
      : settingProblem("sourceMaps", [mapping]) === ""
        ? ""
        : "It must be an absolute path.";
  const fromProblem = isOf ? "" : "The file does not begin with this.";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setAsked(true);
    if (problem === "" && fromProblem === "")
      void actions.changeSettings({
        sourceMaps: [mapping, ...(known ?? []).filter((each) => each.from !== from)],
      });
  };
  return (
    <section className="source-missing" aria-label="The file is not on this machine">
      <p>
        <strong>The source is not on this machine.</strong> Lines with samples are shown without their text.
      </p>
      <ul className="source-tried">
        {source.tried.map(({ path, why }) => (
          <li key={path}>
            <span className="mono selectable">{path}</span> {why}
          </li>
        ))}
        {source.tried.length === 0 ? (
          <li>
            <span className="mono selectable">{source.file}</span> is no absolute path: say in which folder it
            is.
          </li>
        ) : null}
      </ul>
      <form id={formId} className="source-mapping" onSubmit={submit}>
        <Field label="Files that begin with" error={fromProblem}>
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              value={from}
              placeholder="(relative paths)"
              onChange={(event) => setFrom(event.target.value)}
            />
          )}
        </Field>
        <Field label="are in" error={asked ? problem : ""}>
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              value={to}
              placeholder="/home/me/project"
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit">Look there</Button>
      </form>
    </section>
  );
}

/** What most likely moved: everything up to the folder of sources. "" for relative paths. */
export function folderOf(file: string): string {
  const path = file.replace(/^file:\/\/[^/]*/, "");
  if (!path.startsWith("/")) return "";
  const cut = /\/(?:src|lib|source|sources|app|main)\//.exec(path)?.index ?? path.lastIndexOf("/");
  return cut > 0 ? path.slice(0, cut) : path.slice(0, path.lastIndexOf("/"));
}
