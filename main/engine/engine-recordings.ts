import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { Log } from "#core/base/log.ts";
import { ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import type { AuthorisationPrompt, RecordingState, RecordRequest } from "#core/model/recording.ts";
import { keepBeside } from "./engine-kept-files.ts";
import type { OpenEntry, Profiles } from "./engine-profiles.ts";
import type { OwnedDraft } from "./library/draft.ts";
import type { Library } from "./library/library.ts";
import type { Recording, RecordingStore } from "./parts.ts";
import type { SaveRequest } from "./profile-contract.ts";
import { liveMeta } from "./profile-meta.ts";
import { type RecorderDeps, startRecording } from "./recorder.ts";
import { noSuchPrompt, type Prompts } from "./recorder-prompts.ts";

export interface Recordings {
  start(request: RecordRequest): Recording;
  find(recordingId: string): Recording;
  list(): readonly RecordingState[];
  /** What waits for an answer. */
  prompts(): readonly AuthorisationPrompt[];
  onPrompts(handler: () => void): Disposable;
  /** The questions of the recording whose prompt this is. */
  asking(promptId: string): Prompts;
  /** The running recording whose draft this is. */
  profileOfSession(sessionId: string): OpenEntry | null;
  /** Where a running recording keeps what belongs to the profile. */
  originOf(profileId: string): SaveOrigin;
  /** Stops everything that runs; resolves when it is saved, or after the time limit. */
  stopAll(limitMs: number): Promise<void>;
}

/** Of recordings that are over, so many are remembered. */
const MOST_FINISHED = 50;

/** What a profile is saved with besides its columns. */
export type SaveOrigin = Pick<SaveRequest, "draft" | "recording">;

const origin = ({ draft }: Running): SaveOrigin => ({
  draft: { folder: draft.folder, rawPath: draft.rawPath },
  recording: draft.header,
});

interface Running {
  readonly draft: OwnedDraft;
  readonly entry: OpenEntry;
}

export function createRecordings(
  deps: Omit<RecorderDeps, "store">,
  library: Library,
  profiles: Profiles,
  log: Log,
): Recordings {
  const recordings = new Map<string, Recording>();
  /** By session. */
  const running = new Map<string, Running>();

  const promptHandlers = new Set<() => void>();
  const promptsChanged = (): void => {
    for (const handler of [...promptHandlers]) handler();
  };

  const storeFor = (own: Set<string>): RecordingStore => ({
    begin: async (header) => {
      const draft = await library.create(header);
      const entry = profiles.openFed(header.target);
      running.set(header.sessionId, { draft, entry });
      own.add(header.sessionId);
      await entry.handle.begin(header.plan.importer, header.target, liveMeta(header), "live");
      return { draft, live: entry.handle };
    },
    finish: async ({ sessionId }, _live, output) => {
      const kept = running.get(sessionId);
      if (!kept?.entry.handle)
        return throwProblem("no-such-session", "That recording is over.", "Look at the list of sessions.");
      const path = output === "" ? library.pathOf(sessionId) : output;
      await kept.entry.handle.save({ path, from: "", ...origin(kept) });
      kept.entry.path = path;
      kept.entry.shownPath = path;
      await kept.draft.remove();
      running.delete(sessionId);
      profiles.unpin(kept.entry);
      library.changed();
      return { path };
    },
    keep: async ({ sessionId }, file) => {
      const beside = running.get(sessionId)?.draft.header;
      if (!beside)
        return throwProblem("no-such-session", "That recording is over.", "Look at the list of sessions.");
      return keepBeside(beside, file, library, profiles);
    },
  });

  /** A recording that could not be saved leaves its draft for recovery, unless nothing is in it. */
  const giveUp = async (own: ReadonlySet<string>): Promise<void> => {
    for (const sessionId of own) {
      const left = running.get(sessionId);
      if (!left) continue;
      running.delete(sessionId);
      try {
        if (left.draft.rawBytes() === 0) await left.draft.remove();
        else await left.draft.abandon();
      } catch (error) {
        log.write("warn", `the draft ${left.draft.folder} could not be closed: ${String(error)}`);
      }
      profiles.unpin(left.entry);
      library.changed();
    }
  };

  const forgetOldest = (): void => {
    const finished = [...recordings.values()].filter(
      ({ state }) => state.phase === "done" || state.phase === "failed",
    );
    for (const recording of finished.slice(0, Math.max(0, finished.length - MOST_FINISHED)))
      recordings.delete(recording.recordingId);
  };

  return {
    start: (request) => {
      forgetOldest();
      const own = new Set<string>();
      const recording = startRecording({ ...deps, store: storeFor(own) }, request);
      recordings.set(recording.recordingId, recording);
      const asked = recording.prompts.onChange(promptsChanged);
      void recording.finished.then(() => {
        asked.dispose();
        return giveUp(own);
      });
      return recording;
    },
    find: (recordingId) => {
      const recording = recordings.get(recordingId);
      if (recording) return recording;
      throw new ProblemError(
        problemOf("no-such-recording", "There is no such recording.", "Look at the list of sessions."),
      );
    },
    prompts: () =>
      [...recordings.values()].map(({ prompts }) => prompts.current).filter((prompt) => prompt !== null),
    onPrompts: (handler) => {
      promptHandlers.add(handler);
      return disposable(() => promptHandlers.delete(handler));
    },
    asking: (promptId) => {
      const found = [...recordings.values()].find(({ prompts }) => prompts.current?.promptId === promptId);
      if (found) return found.prompts;
      throw new ProblemError(noSuchPrompt);
    },
    list: () => [...recordings.values()].map(({ state }) => state),
    profileOfSession: (sessionId) => running.get(sessionId)?.entry ?? null,
    originOf: (profileId) => {
      const found = [...running.values()].find(({ entry }) => entry.profileId === profileId);
      return found ? origin(found) : { draft: null, recording: null };
    },
    stopAll: async (limitMs) => {
      const stopping = [...recordings.values()].map((recording) => recording.stop());
      let limit: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        limit = setTimeout(() => {
          log.write("warn", "some recordings did not end in time; what had arrived is kept for recovery");
          resolve();
        }, limitMs);
      });
      await Promise.race([Promise.all(stopping), late]);
      clearTimeout(limit);
    },
  };
}
