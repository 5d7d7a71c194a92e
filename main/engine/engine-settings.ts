import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Log } from "#core/base/log.ts";
import type { RecentFile, Settings } from "#core/contract.ts";
import type { Home } from "./library/home.ts";
import { type JsonStore, jsonStore } from "./library/json-store.ts";

/** What the workbench remembers between starts. */

const defaults: Settings = { theme: "system", welcomed: false };

const settingsSchema = v.object({
  theme: v.optional(v.picklist(["system", "dark", "light"]), defaults.theme),
  welcomed: v.optional(v.boolean(), defaults.welcomed),
});

export const createSettings = (home: Home, log: Log): JsonStore<Settings> =>
  jsonStore<Settings>(join(home.folder, "settings.json"), settingsSchema, defaults, log);

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
