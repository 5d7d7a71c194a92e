import { type ReactNode, useState } from "react";
import { formatBytes } from "#core/base/numbers.ts";
import { type Settings, type SettingsPatch, settingProblem } from "#core/model/settings.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { ColourSample } from "./colour-sample.tsx";
import "./settings.css";

type Change = (patch: SettingsPatch) => Promise<boolean>;

/** What is chosen is kept at once; what is typed when one leaves the field or presses Enter. */
export function SettingsView() {
  const { actions } = useApp();
  const settings = useAppState((state) => state.settings);
  if (!settings) return <EmptyState busy title="Reading the settings…" />;
  const change: Change = (patch) => actions.changeSettings(patch);
  return (
    <>
      <header className="screen-head">
        <h1>Settings</h1>
        <span className="spacer" />
        <span className="faint">
          Kept at once. The same on the command line: <code>flamewright settings</code>
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long page scrolls by keyboard only when it can have the focus */}
      <section className="settings" tabIndex={0} aria-label="All settings">
        <Appearance settings={settings} change={change} />
        <SourceSettings settings={settings} change={change} />
        <SymbolSettings settings={settings} change={change} />
        <SessionSettings settings={settings} change={change} />
      </section>
    </>
  );
}

interface Part {
  readonly settings: Settings;
  readonly change: Change;
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="settings-section" aria-label={title}>
      <h2>{title}</h2>
      <div className="settings-fields">{children}</div>
    </section>
  );
}

/** A choice of a few, with its name in front. */
function Choice<K extends string>({
  label,
  help,
  ...segments
}: {
  readonly label: string;
  readonly help?: string;
  readonly choices: readonly { readonly value: K; readonly title: string }[];
  readonly value: K;
  readonly onChange: (value: K) => void;
}) {
  return (
    <div className="setting-choice">
      <span className="setting-label" aria-hidden="true">
        {label}
      </span>
      <Segments label={label} {...segments} />
      {help ? <p className="field-help">{help}</p> : null}
    </div>
  );
}

function Appearance({ settings, change }: Part) {
  return (
    <Section title="Appearance">
      <Choice
        label="Theme"
        choices={[
          { value: "system", title: "As the system" },
          { value: "light", title: "Light" },
          { value: "dark", title: "Dark" },
        ]}
        value={settings.theme}
        onChange={(theme) => void change({ theme })}
      />
      <Choice
        label="Text size"
        choices={[11, 12, 13, 14, 16, 18].map((px) => ({ value: String(px), title: String(px) }))}
        value={String(settings.fontSizePx)}
        onChange={(px) => void change({ fontSizePx: Number(px) })}
      />
      <Choice
        label="Colours"
        help="The second tells kinds of functions apart by blue, yellow and brightness: for eyes that see red and green alike."
        choices={[
          { value: "standard", title: "Standard" },
          { value: "safe", title: "Colour-blind safe" },
        ]}
        value={settings.colours}
        onChange={(colours) => void change({ colours })}
      />
      <ColourSample scheme={settings.colours} />
      <Choice
        label="Bytes"
        choices={[
          { value: "binary", title: "KiB = 1,024" },
          { value: "decimal", title: "kB = 1,000" },
        ]}
        value={settings.byteUnits}
        onChange={(byteUnits) => void change({ byteUnits })}
      />
      <Choice
        label="Times"
        choices={[
          { value: "auto", title: "Short to read" },
          { value: "milliseconds", title: "Milliseconds" },
          { value: "seconds", title: "Seconds" },
        ]}
        value={settings.timeUnits}
        onChange={(timeUnits) => void change({ timeUnits })}
      />
    </Section>
  );
}

const editors = [
  "code --goto {file}:{line}",
  "idea --line {line} {file}",
  "gnome-terminal -- vim +{line} {file}",
  "emacsclient -n +{line} {file}",
] as const;

function SourceSettings({ settings, change }: Part) {
  return (
    <Section title="Source">
      <TextSetting
        label="Editor"
        help="A command with {file} and {line}; its words are passed as they are, and no shell sees them."
        name="editor"
        value={settings.editor}
        placeholder={editors[0]}
        suggestions={editors}
        save={(editor) => change({ editor })}
      />
      <ListSetting
        label="Source folders"
        help="Where the source is that profiles of other machines name. The first part is left out for relative paths."
        empty="Files are looked for where profiles say they are."
        items={settings.sourceMaps.map(({ from, to }) => `${from || "(relative)"} → ${to}`)}
        fields={[
          { label: "Files that begin with", placeholder: "/build/project" },
          { label: "are in", placeholder: "/home/me/project" },
        ]}
        add={([from = "", to = ""]) => {
          const sourceMaps = [...settings.sourceMaps.filter((each) => each.from !== from), { from, to }];
          return { problem: settingProblem("sourceMaps", sourceMaps), patch: { sourceMaps } };
        }}
        remove={(at) => ({ sourceMaps: settings.sourceMaps.filter((_, index) => index !== at) })}
        change={change}
      />
    </Section>
  );
}

function SymbolSettings({ settings, change }: Part) {
  return (
    <Section title="Symbols">
      <ListSetting
        label="Symbol paths"
        help="Folders with binaries and debug files of other machines: by build id, or as they lie on those machines. Profiles that are opened from now on use them."
        empty="Binaries are looked for where profiles say they are, and in perf's cache."
        items={settings.symbolPaths}
        fields={[{ label: "Folder", placeholder: "/srv/sysroot" }]}
        add={([path = ""]) => {
          const symbolPaths = [...new Set([...settings.symbolPaths, path])];
          return { problem: settingProblem("symbolPaths", symbolPaths), patch: { symbolPaths } };
        }}
        remove={(at) => ({ symbolPaths: settings.symbolPaths.filter((_, index) => index !== at) })}
        change={change}
      />
      <div className="setting-choice">
        <span className="setting-label" aria-hidden="true">
          debuginfod
        </span>
        <label className="setting-check">
          <input
            type="checkbox"
            checked={settings.debuginfod}
            onChange={(event) => void change({ debuginfod: event.target.checked })}
          />
          Ask servers for debug files that this machine lacks
        </label>
        <p className="field-help">
          Off, nothing leaves this machine. On, the build ids of the binaries of a profile are sent to the
          servers below.
        </p>
      </div>
      <ListSetting
        label="Servers"
        help=""
        empty="None."
        items={settings.debuginfodUrls}
        fields={[{ label: "Address", placeholder: "https://debuginfod.debian.net" }]}
        add={([url = ""]) => {
          const debuginfodUrls = [...new Set([...settings.debuginfodUrls, url])];
          return { problem: settingProblem("debuginfodUrls", debuginfodUrls), patch: { debuginfodUrls } };
        }}
        remove={(at) => ({ debuginfodUrls: settings.debuginfodUrls.filter((_, index) => index !== at) })}
        change={change}
      />
    </Section>
  );
}

const GIB = 2 ** 30;

function SessionSettings({ settings, change }: Part) {
  const folder = useAppState((state) => state.engine?.sessionFolder ?? "");
  const sessions = useAppState((state) => state.sessions);
  const used = (sessions ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <Section title="Sessions">
      <TextSetting
        label="Folder"
        help={`Now: ${folder}. Another one is used when Flamewright starts again; sessions stay where they are.`}
        name="sessionFolder"
        value={settings.sessionFolder}
        placeholder="the workbench's own"
        save={(sessionFolder) => change({ sessionFolder })}
      />
      <TextSetting
        label="Most disk, in GiB"
        help={`Empty for no limit. Sessions take ${formatBytes(used)} now. Past the limit the oldest are offered for deletion under Sessions: nothing is ever deleted by itself.`}
        name="sessionLimitBytes"
        value={settings.sessionLimitBytes === 0 ? "" : String(settings.sessionLimitBytes / GIB)}
        placeholder="no limit"
        parse={(text) => (text === "" ? 0 : Math.round(Number(text) * GIB))}
        save={(text) => change({ sessionLimitBytes: text === "" ? 0 : Math.round(Number(text) * GIB) })}
      />
    </Section>
  );
}

function TextSetting({
  label,
  help,
  name,
  value,
  placeholder,
  suggestions = [],
  parse = (text) => text,
  save,
}: {
  readonly label: string;
  readonly help: string;
  readonly name: "editor" | "sessionFolder" | "sessionLimitBytes";
  readonly value: string;
  readonly placeholder: string;
  readonly suggestions?: readonly string[];
  readonly parse?: (text: string) => unknown;
  readonly save: (text: string) => Promise<boolean>;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = (typed ?? value).trim();
  const problem = typed === null ? "" : settingProblem(name, parse(text));
  const keep = (): void => {
    if (typed === null || problem !== "") return;
    void save(text).then((isTaken) => isTaken && setTyped(null));
  };
  const listId = `setting-${name}`;
  return (
    <Field label={label} help={help} error={problem === "" ? "" : `It ${problem}.`}>
      {(wiring) => (
        <>
          <TextInput
            {...wiring}
            mono
            value={typed ?? value}
            placeholder={placeholder}
            list={suggestions.length > 0 ? listId : undefined}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={keep}
            onKeyDown={(event) => {
              if (event.key === "Enter") keep();
              if (event.key === "Escape") setTyped(null);
            }}
          />
          {suggestions.length > 0 ? (
            <datalist id={listId}>
              {suggestions.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          ) : null}
        </>
      )}
    </Field>
  );
}

function ListSetting({
  label,
  help,
  empty,
  items,
  fields,
  add,
  remove,
  change,
}: {
  readonly label: string;
  readonly help: string;
  readonly empty: string;
  readonly items: readonly string[];
  readonly fields: readonly { readonly label: string; readonly placeholder: string }[];
  readonly add: (texts: readonly string[]) => { readonly problem: string; readonly patch: SettingsPatch };
  readonly remove: (at: number) => SettingsPatch;
  readonly change: Change;
}) {
  const [texts, setTexts] = useState<readonly string[]>(() => fields.map(() => ""));
  const [problem, setProblem] = useState("");
  const submit = (): void => {
    const asked = add(texts.map((text) => text.trim()));
    setProblem(asked.problem);
    if (asked.problem === "")
      void change(asked.patch).then((isTaken) => isTaken && setTexts(fields.map(() => "")));
  };
  return (
    <fieldset className="setting-list">
      <legend>{label}</legend>
      {help ? <p className="field-help">{help}</p> : null}
      {items.length === 0 ? <p className="faint setting-empty">{empty}</p> : null}
      <ul>
        {items.map((item, at) => (
          <li key={item}>
            <span className="mono truncate selectable" title={item}>
              {item}
            </span>
            <IconButton label={`Remove ${item}`} icon="close" small onClick={() => void change(remove(at))} />
          </li>
        ))}
      </ul>
      <form
        className="setting-add"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {fields.map((field, at) => (
          <Field
            key={field.label}
            label={field.label}
            error={at === fields.length - 1 && problem ? `It ${problem}.` : ""}
          >
            {(wiring) => (
              <TextInput
                {...wiring}
                mono
                value={texts[at] ?? ""}
                placeholder={field.placeholder}
                onChange={(event) => {
                  setProblem("");
                  setTexts(texts.with(at, event.target.value));
                }}
              />
            )}
          </Field>
        ))}
        <Button type="submit">Add</Button>
      </form>
    </fieldset>
  );
}
