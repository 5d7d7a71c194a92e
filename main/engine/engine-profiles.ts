import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Disposable } from "#core/base/disposable.ts";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import type { OpenedFile, OpenedProfile, ProfileState, WatchedTable } from "#core/contract.ts";
import { type Look, lookOf } from "#core/model/look.ts";
import type { Query } from "#core/model/query.ts";
import { defaultSettings } from "#core/model/settings.ts";
import type { StreamSink } from "#core/rpc/server.ts";
import type { WorkerState } from "./profile-contract.ts";
import { createProfile, type ProfileHandle } from "./profile-handle.ts";
import type { FoundProfile } from "./profile-members.ts";
import type { ProfileThreads } from "./spare-thread.ts";

/** Whoever uses a profile: one connection. Compared by identity only. */
export type User = object;

/** Goes with the last of so many. */
function sharedBy(owners: number, belongings: Disposable): Disposable {
  let left = owners;
  return {
    dispose: () => {
      left--;
      if (left === 0) belongings.dispose();
    },
  };
}

/** A profile that somebody opened. Without users its thread ends; one that has a path starts again when it is asked for. */
export interface OpenEntry {
  readonly profileId: string;
  readonly title: string;
  /** Its name in the archive at `path`; "" where the file is the profile. */
  readonly member: string;
  /** What it can be read again from; "" for a recording that is not saved yet, and for uploads. */
  path: string;
  /** Shown to people as its path. */
  shownPath: string;
  handle: ProfileHandle | null;
  /** A recording holds it. */
  pinned: boolean;
  readonly users: Set<User>;
  /** What goes with it when it is closed for good: the folder of an upload. */
  readonly belongings: Disposable | null;
  idle: NodeJS.Timeout | null;
}

export type AwakeEntry = OpenEntry & { readonly handle: ProfileHandle };

export interface Profiles extends Disposable {
  openFile(user: User, path: string, title: string, upload: Disposable | null): AwakeEntry;
  /** A file that is still being sent, of which is known how long it will be. */
  openArriving(user: User, path: string, title: string, upload: Disposable, sizeBytes: number): AwakeEntry;
  /** Several at once, as a folder or an archive has them: the first is awake, the others when they are asked for. */
  openFound(user: User, found: readonly FoundProfile[], upload: Disposable | null): readonly OpenEntry[];
  /** A profile that will be fed. */
  openFed(title: string): AwakeEntry;
  /** Counts the user and wakes the profile where it sleeps. */
  use(user: User, profileId: string): AwakeEntry;
  /** The person chose another look: profiles that are awake are told. */
  looksOtherwise(): void;
  unpin(entry: OpenEntry): void;
  close(user: User, profileId: string): void;
  /** A connection ended. */
  release(user: User): void;
}

export const openedProfile = (entry: OpenEntry): OpenedProfile => ({
  profileId: entry.profileId,
  title: entry.title,
  path: entry.shownPath,
});

/** What was opened together; there is at least one. */
export function openedFile([first, ...others]: readonly OpenEntry[]): OpenedFile {
  if (!first) throw new RangeError("nothing was opened");
  return { ...openedProfile(first), others: others.map(openedProfile) };
}

/** A reloaded page comes back within this time and finds its profiles as they were. */
const IDLE_MS = 60_000;
const MOST_PROFILES = 64;

/** `look`: as it is at any time. */
export function createProfiles(
  threads: ProfileThreads,
  idleMs = IDLE_MS,
  look: () => Look = () => lookOf(defaultSettings),
): Profiles {
  const entries = new Map<string, OpenEntry>();

  const sleep = (entry: OpenEntry): void => {
    if (entry.idle) clearTimeout(entry.idle);
    entry.idle = null;
    entry.handle?.dispose();
    entry.handle = null;
    if (entry.path !== "" && entry.belongings === null) return;
    entries.delete(entry.profileId);
    entry.belongings?.dispose();
  };
  const restIfUnused = (entry: OpenEntry, afterMs: number): void => {
    if (entry.users.size > 0 || entry.pinned || entry.handle === null) return;
    if (entry.idle) clearTimeout(entry.idle);
    if (afterMs === 0) sleep(entry);
    else entry.idle = setTimeout(() => sleep(entry), afterMs).unref();
  };

  const add = (
    title: string,
    path: string,
    belongings: Disposable | null,
    pinned: boolean,
    member = "",
  ): OpenEntry => {
    const awake = [...entries.values()].filter((entry) => entry.handle !== null).length;
    if (awake >= MOST_PROFILES)
      throw new ProblemError(
        problemOf(
          "too-many-profiles",
          `${MOST_PROFILES} profiles are open already.`,
          "Close some of them and try again.",
        ),
      );
    const entry: OpenEntry = {
      profileId: randomUUID(),
      title,
      member,
      path,
      shownPath: belongings === null ? path : "",
      handle: null,
      pinned,
      users: new Set(),
      belongings,
      idle: null,
    };
    entries.set(entry.profileId, entry);
    return entry;
  };

  const wake = (entry: OpenEntry, arrivingBytes: number | null = null): AwakeEntry => {
    if (entry.idle) clearTimeout(entry.idle);
    entry.idle = null;
    if (entry.handle === null) {
      entry.handle = createProfile(entry.profileId, threads.take());
      entry.handle.look(look());
      if (entry.path !== "") entry.handle.importFile(entry.path, entry.title, entry.member, arrivingBytes);
    }
    return entry as AwakeEntry;
  };

  const find = (profileId: string): OpenEntry => {
    const entry = entries.get(profileId);
    if (entry) return entry;
    throw new ProblemError(
      problemOf(
        "no-such-profile",
        "That profile is not open any more.",
        "Open the session or the file again.",
      ),
    );
  };

  return {
    openFile: (user, path, title, upload) => {
      const entry = add(title, path, upload, false);
      entry.users.add(user);
      return wake(entry);
    },
    openArriving: (user, path, title, upload, sizeBytes) => {
      const entry = add(title, path, upload, false);
      entry.users.add(user);
      return wake(entry, sizeBytes);
    },
    openFound: (user, found, upload) => {
      const shared = upload && sharedBy(found.length, upload);
      return found.map(({ title, path, member }, i) => {
        const entry = add(title, path, shared, false, member);
        entry.users.add(user);
        return i === 0 ? wake(entry) : entry;
      });
    },
    openFed: (title) => wake(add(title, "", null, true)),
    use: (user, profileId) => {
      const entry = find(profileId);
      entry.users.add(user);
      return wake(entry);
    },
    looksOtherwise: () => {
      for (const { handle } of entries.values()) handle?.look(look());
    },
    unpin: (entry) => {
      entry.pinned = false;
      restIfUnused(entry, idleMs);
    },
    close: (user, profileId) => {
      const entry = entries.get(profileId);
      if (!entry) return;
      entry.users.delete(user);
      restIfUnused(entry, 0);
    },
    release: (user) => {
      for (const entry of entries.values()) if (entry.users.delete(user)) restIfUnused(entry, idleMs);
    },
    dispose: () => {
      for (const entry of entries.values()) {
        if (entry.idle) clearTimeout(entry.idle);
        entry.handle?.dispose();
        entry.belongings?.dispose();
      }
      entries.clear();
      threads.dispose();
    },
  };
}

const EVERY_MS = 100;
/** So long a reader hears nothing while there is nothing to see. */
const BARE_MS = 150;
/** What is read and not watched: its words change seldom, and the views above it ask ten times a second. */
const SELDOM_MS = 1_000;
const seldom: ReadonlySet<Query["view"]> = new Set(["info", "advice"]);
/** A profile that answers slowly is asked so seldom that it has most of its time for what arrives. */
const ANSWER_SHARE = 0.25;

const stateOf = ({ phase, progress, problem }: WorkerState): ProfileState => ({
  phase: phase === "empty" ? "importing" : phase,
  progress,
  problem,
});

const isBare = ({ phase, counts }: WorkerState): boolean =>
  phase === "empty" || (phase === "importing" && counts.samples === 0);

async function tableNow(handle: ProfileHandle, query: Query, signal: AbortSignal): Promise<WatchedTable> {
  const at = handle.state;
  const bare = { revision: at.revision, state: stateOf(at), table: null, problem: null };
  if (isBare(at)) return bare;
  try {
    const { revision, table } = await handle.answer(query, signal);
    return { ...bare, revision: Math.max(revision, at.revision), table };
  } catch (error) {
    // A profile that failed says so in its state; a second sentence about the query would only confuse.
    const now = handle.state;
    return now.phase === "failed"
      ? { ...bare, revision: now.revision, state: stateOf(now) }
      : { ...bare, problem: toProblem(error) };
  }
}

/** The table at once, then after changes as often as its reader has room, at most ten a second, until it goes away. */
export async function watchProfile(
  handle: ProfileHandle,
  query: Query,
  sink: StreamSink<WatchedTable>,
): Promise<void> {
  const everyMs = seldom.has(query.view) ? SELDOM_MS : EVERY_MS;
  let shown: WorkerState | null = null;
  let hasWaited = false;
  let wake = (): void => undefined;
  let rest = new AbortController();
  const changes = handle.onState((state) => {
    wake();
    // That there is something to see is told at once, and so is the end of an import or a recording.
    const isFirst = (shown === null || isBare(shown)) && !isBare(state);
    if (isFirst || (shown !== null && shown.phase !== state.phase)) rest.abort();
  });
  sink.signal.addEventListener("abort", () => {
    wake();
    rest.abort();
  });
  try {
    for (;;) {
      await sink.ready();
      if (sink.signal.aborted) return;
      if (!hasWaited && isBare(handle.state)) {
        hasWaited = true;
        rest = new AbortController();
        await delay(BARE_MS, undefined, { signal: rest.signal }).catch(() => undefined);
        continue;
      }
      const state = handle.state;
      if (state === shown) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const askedAt = performance.now();
      const item = await tableNow(handle, query, sink.signal);
      shown = state;
      void sink.send(item);
      if (state.phase === "ready" || state.phase === "failed") continue;
      const tookMs = performance.now() - askedAt;
      const restMs = Math.max(
        (item.table === null ? EVERY_MS : everyMs) - tookMs,
        tookMs / ANSWER_SHARE - tookMs,
      );
      rest = new AbortController();
      if (handle.state.phase !== state.phase || sink.signal.aborted) continue;
      await delay(restMs, undefined, { signal: rest.signal }).catch(() => undefined);
    }
  } finally {
    changes.dispose();
  }
}
