import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Log } from "#core/base/log.ts";
import { throwProblem } from "#core/base/result.ts";
import type { RecentFile } from "#core/contract.ts";
import {
  defaultSettings,
  isSettingName,
  readSettings,
  type Settings,
  type SettingsPatch,
  settingProblem,
} from "#core/model/settings.ts";
import type { Home } from "./library/home.ts";
import { jsonStore } from "./library/json-store.ts";

/** What the workbench remembers between starts. */

export interface SettingsStore {
  read(): Promise<Settings>;
  /** Throws the problem "bad-setting". */
  change(patch: SettingsPatch): Promise<Settings>;
  onChange(handler: (settings: Settings) => void): void;
}

/** One wrong value in the file costs that value alone. */
export function createSettings(home: Home, log: Log): SettingsStore {
  const path = join(home.folder, "settings.json");
  const schema = v.pipe(
    v.looseObject({}),
    v.transform((given) => {
      const { settings, wrong } = readSettings(given);
      for (const name of wrong)
        log.write("warn", `${path}: ${name} is not usable; it is as it is by default`);
      return settings;
    }),
  );
  const handlers = new Set<(settings: Settings) => void>();
  const store = jsonStore<Settings>(path, schema, defaultSettings, log);
  return {
    read: () => store.read(),
    onChange: (handler) => {
      handlers.add(handler);
    },
    change: async (patch) => {
      for (const [name, value] of Object.entries(patch)) {
        const wrong = isSettingName(name) ? settingProblem(name, value) : "is no setting";
        if (wrong !== "")
          throwProblem("bad-setting", `${name}: ${wrong}.`, "Nothing was changed; correct it and try again.");
      }
      const changed = await store.change((settings) => readSettings({ ...settings, ...patch }).settings);
      for (const handler of handlers) handler(changed);
      return changed;
    },
  };
}

type KeptRecent = Omit<RecentFile, "exists">;

const recentSchema = v.array(v.object({ path: v.string(), title: v.string(), openedAtMs: v.number() }));

const MOST_RECENT = 20;

export interface RecentFiles {
  add(path: string, title: string): Promise<void>;
  list(): Promise<readonly RecentFile[]>;
}

export function createRecentFiles(home: Home, log: Log): RecentFiles {
  const store = jsonStore<readonly KeptRecent[]>(join(home.folder, "recent.json"), recentSchema, [], log);
  return {
    add: async (path, title) => {
      const opened: KeptRecent = { path, title, openedAtMs: Date.now() };
      await store.change((known) =>
        [opened, ...known.filter((file) => file.path !== path)].slice(0, MOST_RECENT),
      );
    },
    list: async () =>
      Promise.all(
        (await store.read()).map(async (file) => ({
          ...file,
          exists: await stat(file.path).then(
            (facts) => facts.isFile(),
            () => false,
          ),
        })),
      ),
  };
}
