import type { OpenEntry, Profiles, User } from "./engine-profiles.ts";
import { findProfiles } from "./profile-members.ts";

/** What the workbench was started for is read while its page is still being fetched and made. */
export interface OpenedAhead {
  open(path: string): void;
  /** What was opened ahead at this path, from now on the user's, or why it could not be; null where nothing was. */
  take(user: User, path: string): Promise<readonly OpenEntry[]> | null;
}

/** A page that has not come by then does not come. */
const KEPT_MS = 60_000;

export function createOpenedAhead(profiles: Pick<Profiles, "openFound" | "release">): OpenedAhead {
  const waiting = new Map<string, (user: User) => Promise<readonly OpenEntry[]>>();
  return {
    open: (path) => {
      const keeper: User = {};
      const opened = findProfiles(path, "").then((found) => profiles.openFound(keeper, found, null));
      // Who asks for it is told.
      opened.catch(() => undefined);
      const unclaimed = setTimeout(() => {
        waiting.delete(path);
        profiles.release(keeper);
      }, KEPT_MS).unref();
      waiting.set(path, async (user) => {
        clearTimeout(unclaimed);
        const entries = await opened;
        for (const { users } of entries) users.add(user);
        profiles.release(keeper);
        return entries;
      });
    },
    take: (user, path) => {
      const claim = waiting.get(path);
      waiting.delete(path);
      return claim ? claim(user) : null;
    },
  };
}
