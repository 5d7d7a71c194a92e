import { rmSync, watch as watchFolder } from "node:fs";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { Log } from "#core/base/log.ts";
import { ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import type { RecordingHeader, SessionListener } from "../parts.ts";
import { PRIVATE_FILE } from "./atomic-file.ts";
import { errnoOf, readProblem, writing } from "./disk-problem.ts";
import { createDraft, type OwnedDraft } from "./draft.ts";
import {
  draftFolder,
  draftNames,
  draftSuffix,
  identityFileSchema,
  isSessionId,
  sessionPath,
  sessionSuffix,
} from "./draft-format.ts";
import { type FoundDraft, findDraft } from "./draft-reader.ts";
import { type Home, makeHome } from "./home.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { createSessionFacts } from "./session-facts.ts";

export type FoundSession =
  | { readonly kind: "saved"; readonly path: string; readonly info: SessionInfo }
  | { readonly kind: "recording"; readonly draft: FoundDraft; readonly info: SessionInfo }
  | { readonly kind: "interrupted"; readonly draft: FoundDraft; readonly info: SessionInfo };

export interface Library extends Disposable {
  readonly home: Home;
  list(): Promise<readonly SessionInfo[]>;
  /** The list at once, and after every change. */
  watch(listener: SessionListener): Disposable;
  find(sessionId: string): Promise<FoundSession>;
  create(header: RecordingHeader): Promise<OwnedDraft>;
  /** Where a session of this id is saved. */
  pathOf(sessionId: string): string;
  delete(sessionId: string): Promise<void>;
  /** Claims an interrupted draft, so that two workbenches do not both recover it. */
  claim(sessionId: string): Promise<Disposable>;
  removeDraft(sessionId: string): Promise<void>;
  /** Removes what workbenches that were killed left behind and nobody needs. */
  sweep(): Promise<void>;
  /** Something changed that the folder's own events do not show. */
  changed(): void;
}

const SETTLE_MS = 150;
/** Sizes of running drafts grow without an event of the folder that is watched. */
const GROWTH_MS = 2_000;

const noSession = (sessionId: string): ProblemError =>
  new ProblemError(
    problemOf(
      "no-such-session",
      `There is no session ${JSON.stringify(sessionId)}.`,
      "It may have been deleted; look at the list again.",
    ),
  );

export function createLibrary(home: Home, log: Log): Library {
  const facts = createSessionFacts();
  const listeners = new Set<SessionListener>();
  let watching: Disposable | null = null;
  let settling: NodeJS.Timeout | null = null;

  const readDraft = async (sessionId: string): Promise<FoundSession | null> => {
    const draft = await findDraft(draftFolder(home.sessions, sessionId));
    if (!draft) return null;
    const header = draft.head?.header;
    const info: SessionInfo = {
      sessionId,
      path: draft.folder,
      target: header?.target ?? sessionId,
      profiler: header?.profiler ?? "",
      startedAtMs: header?.startedAtMs ?? draft.changedAtMs,
      durationNs: header ? Math.max(0, (draft.changedAtMs - header.startedAtMs) * 1e6) : 0,
      samples: -1,
      sizeBytes: draft.rawBytes,
      state: draft.writerAlive ? "recording" : "interrupted",
    };
    return { kind: draft.writerAlive ? "recording" : "interrupted", draft, info };
  };

  const readSaved = async (sessionId: string): Promise<FoundSession | null> => {
    const path = sessionPath(home.sessions, sessionId);
    const info = await facts.read(sessionId, path);
    return info ? { kind: "saved", path, info } : null;
  };

  const list = async (): Promise<readonly SessionInfo[]> => {
    let names: string[];
    try {
      names = await readdir(home.sessions);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw new ProblemError(readProblem(error, home.sessions), { cause: error });
    }
    const found = new Map<string, SessionInfo>();
    for (const name of names) {
      if (name.startsWith(".")) continue;
      if (name.endsWith(sessionSuffix)) {
        const id = name.slice(0, -sessionSuffix.length);
        const saved = isSessionId(id) ? await readSaved(id) : null;
        if (saved) found.set(id, saved.info);
      }
    }
    for (const name of names) {
      if (name.startsWith(".") || !name.endsWith(draftSuffix)) continue;
      const id = name.slice(0, -draftSuffix.length);
      // A whole file beside the draft: the workbench died between the two last steps of saving.
      const saved = found.get(id);
      if (!isSessionId(id) || (saved && saved.state === "saved")) continue;
      const draft = await readDraft(id);
      if (draft) found.set(id, draft.info);
    }
    return [...found.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
  };

  const tell = async (): Promise<void> => {
    try {
      const sessions = await list();
      for (const listener of [...listeners]) listener(sessions);
    } catch (error) {
      log.write("warn", `the sessions could not be listed: ${String(error)}`);
    }
  };
  const changed = (): void => {
    if (listeners.size === 0 || settling) return;
    settling = setTimeout(() => {
      settling = null;
      void tell();
    }, SETTLE_MS);
  };

  const startWatching = (): Disposable => {
    let watcher: ReturnType<typeof watchFolder> | null = null;
    try {
      watcher = watchFolder(home.sessions, { persistent: false }, changed);
      watcher.on("error", (error) => log.write("warn", `${home.sessions} is not watched: ${String(error)}`));
    } catch (error) {
      log.write("warn", `${home.sessions} is not watched: ${String(error)}`);
    }
    const growth = setInterval(async () => {
      const names = await readdir(home.sessions).catch(() => []);
      if (!watcher || names.some((name) => name.endsWith(draftSuffix))) changed();
    }, GROWTH_MS);
    growth.unref();
    return disposable(() => {
      watcher?.close();
      clearInterval(growth);
      if (settling) clearTimeout(settling);
      settling = null;
    });
  };

  const find = async (sessionId: string): Promise<FoundSession> => {
    if (!isSessionId(sessionId)) throw noSession(sessionId);
    const saved = await readSaved(sessionId);
    if (saved && saved.info.state === "saved") return saved;
    const found = (await readDraft(sessionId)) ?? saved;
    if (!found) throw noSession(sessionId);
    return found;
  };

  const removeDraft = async (sessionId: string): Promise<void> => {
    if (!isSessionId(sessionId)) throw noSession(sessionId);
    const folder = draftFolder(home.sessions, sessionId);
    await writing(folder, () => rm(folder, { recursive: true, force: true }));
    changed();
  };

  return {
    home,
    list,
    watch: (listener) => {
      listeners.add(listener);
      watching ??= startWatching();
      void list().then(
        (sessions) => listeners.has(listener) && listener(sessions),
        (error: unknown) => log.write("warn", `the sessions could not be listed: ${String(error)}`),
      );
      return disposable(() => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        watching?.dispose();
        watching = null;
      });
    },
    find,
    create: async (header) => {
      if (!isSessionId(header.sessionId)) throw noSession(header.sessionId);
      await makeHome(home);
      const draft = await createDraft(home.sessions, header);
      changed();
      return draft;
    },
    pathOf: (sessionId) => {
      if (!isSessionId(sessionId)) throw noSession(sessionId);
      return sessionPath(home.sessions, sessionId);
    },
    delete: async (sessionId) => {
      const found = await find(sessionId);
      if (found.kind === "recording")
        throwProblem(
          "still-recording",
          `${found.info.target} is still being recorded.`,
          "Stop the recording first, then delete its session.",
        );
      const path = sessionPath(home.sessions, sessionId);
      await writing(path, () => rm(path, { force: true }));
      await removeDraft(sessionId);
    },
    claim: (sessionId) => claim(draftFolder(home.sessions, sessionId)),
    removeDraft,
    sweep: async () => {
      for (const name of await readdir(home.sessions)) {
        const id = name.endsWith(draftSuffix) ? name.slice(0, -draftSuffix.length) : "";
        const saved = isSessionId(id) ? await readSaved(id) : null;
        // Saved and not yet removed: its writer died in between.
        if (saved?.info.state !== "saved") continue;
        const draft = await findDraft(draftFolder(home.sessions, id));
        if (draft && !draft.writerAlive) await removeDraft(id);
      }
      await removeOldParts(home.sessions, log);
    },
    changed,
    dispose: () => {
      listeners.clear();
      watching?.dispose();
      watching = null;
    },
  };
}

/** A lock file that names its holder: one of a dead process counts for nothing. */
async function claim(folder: string): Promise<Disposable> {
  const path = join(folder, draftNames.recovering);
  const mine = identityOf(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, "wx", PRIVATE_FILE);
      await file.writeFile(JSON.stringify(mine));
      await file.close();
      return disposable(() => rmSync(path, { force: true }));
    } catch (error) {
      // No room for the lock: recovering is what may help, and a second claimant is unlikely.
      if (errnoOf(error) === "ENOSPC") return disposable(() => rmSync(path, { force: true }));
      if (errnoOf(error) !== "EEXIST") throw new ProblemError(readProblem(error, folder), { cause: error });
      const holder = await readHolder(path);
      if (holder && isAlive(holder))
        throwProblem(
          "being-recovered",
          "Another workbench is recovering this session just now.",
          "Wait until it is done, then open the saved session.",
        );
      await rm(path, { force: true });
    }
  }
  return throwProblem("being-recovered", "Another workbench is recovering this session.", "Try again.");
}

async function readHolder(path: string): Promise<ProcessIdentity | null> {
  try {
    const parsed = v.safeParse(identityFileSchema, JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

const OLD_MS = 24 * 60 * 60 * 1000;

/** Half-written files and unborn drafts, hidden by their dot. Young ones may still be somebody's. */
async function removeOldParts(folder: string, log: Log): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\..*\.(tmp|unborn)$/.test(name)) continue;
    const path = join(folder, name);
    const facts = await stat(path).catch(() => null);
    if (!facts || Date.now() - facts.mtimeMs < OLD_MS) continue;
    await rm(path, { recursive: true, force: true }).catch((error: unknown) =>
      log.write("warn", `${path} could not be removed: ${String(error)}`),
    );
  }
}
