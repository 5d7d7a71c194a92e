import { chmod, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { PRIVATE_FOLDER } from "./atomic-file.ts";
import { writing } from "./disk-problem.ts";

/** Where the workbench keeps what it keeps. */
export interface Home {
  readonly folder: string;
  readonly sessions: string;
  readonly uploads: string;
}

/** $FLAMEWRIGHT_HOME, else flamewright under $XDG_DATA_HOME, else under ~/.local/share. */
export function homeFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.FLAMEWRIGHT_HOME) return resolve(env.FLAMEWRIGHT_HOME);
  // The XDG specification has relative paths ignored.
  const data = env.XDG_DATA_HOME && isAbsolute(env.XDG_DATA_HOME) ? env.XDG_DATA_HOME : null;
  return join(data ?? join(homedir(), ".local", "share"), "flamewright");
}

export function homeAt(folder: string): Home {
  return { folder, sessions: join(folder, "sessions"), uploads: join(folder, "uploads") };
}

export async function makeHome(home: Home): Promise<void> {
  for (const folder of [home.folder, home.sessions, home.uploads]) {
    await writing(folder, async () => {
      await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
      if (folder !== home.folder) await chmod(folder, PRIVATE_FOLDER);
    });
  }
}
