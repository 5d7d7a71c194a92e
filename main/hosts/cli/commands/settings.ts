import {
  defaultSettings,
  isSettingName,
  type SettingsPatch,
  settingNames,
  settingProblem,
} from "#core/model/settings.ts";
import { type Command, exitCodes, type Parsed, parseWords, printJson, UsageError } from "../command.ts";
import { withEngine } from "../engine-client.ts";
import { textTable } from "../text-table.ts";

/** As JSON, or a word where it is none: `dark`, `14`, `true`, `["/srv"]`. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function settingOf(parsed: Parsed, at: number): keyof typeof defaultSettings {
  const name = parsed.positionals[at];
  if (name !== undefined && isSettingName(name)) return name;
  const what = name === undefined ? "which setting?" : `there is no setting ${JSON.stringify(name)}.`;
  throw new UsageError(`${what} There is ${settingNames.join(", ")}`);
}

export const settingsCommand: Command = {
  name: "settings",
  summary: "what the workbench and the command line remember: look, editor, sources, symbols, sessions",
  usage: ["settings [--json]", "settings get NAME", "settings set NAME VALUE", "settings unset NAME"],
  flags: [["--json", "print it as JSON"]],
  examples: [
    "flamewright settings",
    "flamewright settings set editor 'code --goto {file}:{line}'",
    'flamewright settings set sourceMaps \'[{"from": "/build", "to": "/home/me/project"}]\'',
    "flamewright settings unset editor",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { json: { type: "boolean" } });
    const [verb = "", , value] = parsed.positionals;
    const json = parsed.values.json === true;
    const most = { "": 0, get: 2, set: 3, unset: 2 }[verb];
    if (most === undefined) throw new UsageError(`settings takes get, set or unset, not ${verb}`);
    if (parsed.positionals.length > most) throw new UsageError(`settings ${verb} takes fewer words`);
    return withEngine(terminal, async (client) => {
      if (verb === "get") {
        const settings = await client.call("settings.get", {});
        const got = settings[settingOf(parsed, 1)];
        if (json) printJson(terminal, got);
        else terminal.out(`${shown(got)}\n`);
        return exitCodes.done;
      }
      if (verb === "set" || verb === "unset") {
        const name = settingOf(parsed, 1);
        if (verb === "set" && value === undefined) throw new UsageError("settings set needs a value");
        const next = verb === "unset" ? defaultSettings[name] : readValue(value ?? "");
        // A word that looks like JSON may be meant as a word.
        const isText = typeof defaultSettings[name] === "string" && typeof next !== "string";
        const given = isText ? value : next;
        const problem = settingProblem(name, given);
        if (problem !== "") throw new UsageError(`${name}: ${problem}`);
        const patch = { [name]: given } as SettingsPatch;
        const settings = await client.call("settings.set", patch);
        if (json) printJson(terminal, settings[name]);
        else terminal.err(`${name} is ${shown(settings[name])}\n`);
        return exitCodes.done;
      }
      const settings = await client.call("settings.get", {});
      if (json) printJson(terminal, settings);
      else
        terminal.out(
          `${textTable(
            [
              { title: "SETTING", align: "left" },
              { title: "VALUE", align: "left" },
            ],
            settingNames.map((name) => [name, shown(settings[name])]),
          ).join("\n")}\n`,
        );
      return exitCodes.done;
    });
  },
};
