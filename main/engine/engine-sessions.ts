import type { Log } from "#core/base/log.ts";
import { type Problem, ProblemError, problemOf, throwProblem, toProblem } from "#core/base/result.ts";
import type { OpenEntry, Profiles, User } from "./engine-profiles.ts";
import type { Recordings } from "./engine-recordings.ts";
import { openFileSource } from "./file-source.ts";
import { type FoundDraft, readCounters, readMarks } from "./library/draft-reader.ts";
import type { FoundSession, Library } from "./library/library.ts";
import type { LiveMeta } from "./profile-contract.ts";
import type { ProfileHandle } from "./profile-handle.ts";
import { liveMeta } from "./profile-meta.ts";

export interface Sessions {
  open(user: User, sessionId: string): Promise<OpenEntry>;
}

const interruptedNote =
  "Flamewright ended while this was being recorded. Everything that had arrived until then is here.";
const headerNote =
  "The description of this recording was damaged: its tool, target and clock are what the recorded bytes say.";

const unknownMeta: LiveMeta = {
  tool: "",
  toolVersion: "",
  command: "",
  target: "",
  host: "",
  kernel: "",
  stackMethod: "",
  startedAtMs: -1,
  originSeconds: -1,
  originNanos: -1,
  periodNs: -1,
};

const nothingArrived: Problem = problemOf(
  "nothing-recorded",
  "Nothing had arrived when this recording was interrupted.",
  "Delete the session, and record again.",
);

export function createSessions(
  library: Library,
  recordings: Recordings,
  profiles: Profiles,
  log: Log,
): Sessions {
  /** One recovery a session, however often it is clicked on. */
  const recovering = new Map<string, OpenEntry>();

  const recover = async (sessionId: string, draft: FoundDraft, handle: ProfileHandle): Promise<string> => {
    if (draft.rawPath === null || draft.rawBytes === 0) throw new ProblemError(nothingArrived);
    const claimed = await library.claim(sessionId);
    try {
      const header = draft.head?.header;
      const meta = header ? liveMeta(header) : unknownMeta;
      await handle.begin(header?.plan.importer ?? "", sessionId, meta, "importing");
      await feed(draft.rawPath, handle);
      for await (const rows of readCounters(draft.folder)) handle.counters(rows);
      for await (const { timeNs, name, category, args = "", endNs } of readMarks(draft.folder))
        handle.mark(timeNs, name, category === undefined ? undefined : { category, args, endNs });
      handle.note(interruptedNote);
      if (!header) handle.note(headerNote);
      await handle.end();
      // Never where the recording was to go: something newer may be there by now.
      const path = library.pathOf(sessionId);
      await handle.save({
        path,
        draft: { folder: draft.folder, rawPath: draft.rawPath },
        from: "",
        recording: header ?? null,
      });
      await library.removeDraft(sessionId);
      return path;
    } finally {
      claimed.dispose();
    }
  };

  const openInterrupted = (found: Extract<FoundSession, { kind: "interrupted" }>): OpenEntry => {
    const { sessionId, target } = found.info;
    const known = recovering.get(sessionId);
    if (known) return known;
    const entry = profiles.openFed(target);
    recovering.set(sessionId, entry);
    recover(sessionId, found.draft, entry.handle)
      .then((path) => {
        entry.path = path;
        entry.shownPath = path;
      })
      .catch((error: unknown) => {
        log.write("warn", `${found.draft.folder} could not be recovered: ${toProblem(error).message}`);
        entry.handle.fail(toProblem(error));
      })
      .finally(() => {
        recovering.delete(sessionId);
        profiles.unpin(entry);
        library.changed();
      });
    return entry;
  };

  return {
    open: async (user, sessionId) => {
      const running = recordings.profileOfSession(sessionId);
      if (running) return running;
      const found = await library.find(sessionId);
      switch (found.kind) {
        case "saved":
          return profiles.openFile(user, found.path, found.info.target || sessionId, null);
        case "recording":
          return throwProblem(
            "still-recording",
            `${found.info.target} is being recorded by another workbench.`,
            "Look at it there, or wait until it has stopped.",
          );
        case "interrupted":
          return openInterrupted(found);
      }
    },
  };
}

async function feed(rawPath: string, handle: ProfileHandle): Promise<void> {
  const source = await openFileSource(rawPath);
  try {
    let readBytes = 0;
    for await (const chunk of source.chunks(new AbortController().signal)) {
      readBytes += chunk.length;
      await handle.pushShare(chunk, readBytes / source.sizeBytes);
    }
  } finally {
    await source.close();
  }
}
