import type { Problem } from "#core/base/result.ts";
import { toProblem } from "#core/base/result.ts";
import type {
  AuthorisationPrompt,
  ElevationWay,
  RecordingState,
  RecordRequestInput,
} from "#core/model/recording.ts";
import { isRecording, isSampling, newDocument, type ProfileDocument, slotOf } from "../store/document.ts";
import { type ActionContext, documentOf, nextDocumentId, told } from "./context.ts";
import type { FileActions } from "./files.ts";

export interface RecordingActions {
  /** Starts and shows it; the problem when it could not even begin. */
  record(request: RecordRequestInput, title: string): Promise<Problem | null>;
  /** Starts the demo program and records it; the document, null where it could not. */
  startDemo(): Promise<string | null>;
  /** Recordings that run on while the page was reloaded. */
  attachRunning(): Promise<void>;
  showRecording(state: RecordingState): void;
  stop(documentId: string): Promise<void>;
  /** Once more as it was asked for; with a way, with root's rights for the profiler. */
  again(documentId: string, elevate?: ElevationWay): Promise<void>;
  /** The secret is zeroed once it is on its way. */
  answerPrompt(promptId: string, secret: Uint8Array<ArrayBuffer>): Promise<void>;
  cancelPrompt(prompt: AuthorisationPrompt): Promise<void>;
  mark(documentId: string, name: string): Promise<void>;
  /** Asks for what the recording offers; a profile that comes of it is opened beside. */
  ask(documentId: string): Promise<void>;
  togglePause(documentId: string): void;
  /** Asks first where a recording would be stopped by it. */
  closeDocument(documentId: string): void;
}

export function recordingActions(context: ActionContext, files: FileActions): RecordingActions {
  const { store, client, pace } = context;

  const follow = (documentId: string, recordingId: string): void => {
    const { patchDocument, appendLog } = store.getState();
    const log = client.stream(
      "recording.log",
      { recordingId },
      { item: (lines) => appendLog(documentId, lines) },
    );
    const states = client.stream(
      "recording.watch",
      { recordingId },
      {
        item: (state) => {
          const before = documentOf(store, documentId);
          if (!before) {
            states.dispose();
            log.dispose();
            return;
          }
          const show = (): void => {
            patchDocument(documentId, {
              recording: state,
              profileId: state.profileId,
              sessionId: state.sessionId,
              path: state.savedTo,
              title: state.target || before.title,
            });
          };
          const isNews = before.recording?.phase !== state.phase || before.profileId !== state.profileId;
          const shown = pace.add(isNews ? "awaited" : "count", show);
          if (before.recording?.phase !== state.phase) tellEnd(state);
          return shown;
        },
        problem: (problem) => patchDocument(documentId, { problem }),
      },
    );
  };

  const tellEnd = (state: RecordingState): void => {
    if (state.phase === "done" && state.savedTo !== "") {
      store.getState().toast("ok", `Saved ${state.target}.`, "It is in the list of sessions.");
    }
  };

  const start = async (request: RecordRequestInput, title: string): Promise<string> => {
    const { recordingId } = await client.call("recording.start", { request });
    const document = newDocument(nextDocumentId(), { title, recordingId, request });
    store.getState().addDocument(document);
    follow(document.id, recordingId);
    return document.id;
  };

  const record: RecordingActions["record"] = async (request, title) => {
    try {
      await start(request, title);
      return null;
    } catch (error) {
      return toProblem(error);
    }
  };

  const stop = async (documentId: string): Promise<void> => {
    const document = documentOf(store, documentId);
    if (!document || !isRecording(document)) return;
    store.getState().patchDocument(documentId, { paused: null });
    await told(store, client.call("recording.stop", { recordingId: document.recordingId }));
  };

  return {
    record,
    startDemo: async () => {
      const demo = await told(store, client.call("targets.demo", {}));
      if (!demo) return null;
      return told(store, start({ target: { kind: "pid", pid: demo.pid } }, `demo ${demo.pid}`));
    },
    attachRunning: async () => {
      const states = await told(store, client.call("recording.list", {}));
      for (const state of states ?? []) {
        if (state.phase === "done" || state.phase === "failed") continue;
        const { recordingId, target } = state;
        if (store.getState().documents.some((document) => document.recordingId === recordingId)) continue;
        const document: ProfileDocument = newDocument(nextDocumentId(), { title: target, recordingId });
        store.getState().addDocument(document);
        follow(document.id, recordingId);
      }
    },
    showRecording: (state) => {
      const open = store.getState().documents.find((each) => each.recordingId === state.recordingId);
      if (open) return store.getState().showDocument(open.id);
      const document = newDocument(nextDocumentId(), { title: state.target, recordingId: state.recordingId });
      store.getState().addDocument(document);
      follow(document.id, state.recordingId);
    },
    stop,
    again: async (documentId, elevate) => {
      const document = documentOf(store, documentId);
      if (!document?.request) return;
      const request = elevate === undefined ? document.request : { ...document.request, elevate };
      await told(store, start(request, document.title));
    },
    answerPrompt: async (promptId, secret) => {
      const answered = client.call("recordings.answerPrompt", { promptId, secret });
      // It was copied on its way out.
      secret.fill(0);
      await told(store, answered);
    },
    cancelPrompt: async ({ promptId, recordingId }) => {
      try {
        await client.call("recordings.cancelPrompt", { promptId });
      } catch {
        // Already answered: what is being decided is stopped.
        await told(store, client.call("recording.stop", { recordingId }));
      }
    },
    ask: async (documentId) => {
      const document = documentOf(store, documentId);
      if (!document || !isSampling(document) || document.asking) return;
      store.getState().patchDocument(documentId, { asking: true });
      const asked = await told(store, client.call("recording.ask", { recordingId: document.recordingId }));
      store.getState().patchDocument(documentId, { asking: false });
      if (!asked) return;
      if (asked.opened === null) {
        store.getState().toast("ok", asked.words, "It is on the timeline.");
        return;
      }
      store.getState().addDocument(newDocument(nextDocumentId(), asked.opened));
      // The recording goes on, and stays on the screen.
      store.getState().showDocument(documentId);
      store
        .getState()
        .toast("ok", asked.words, "It is open beside the recording, and in the list of sessions.");
    },
    mark: async (documentId, name) => {
      const document = documentOf(store, documentId);
      if (!document) return;
      const done = client.call("recording.mark", { recordingId: document.recordingId, name });
      await told(
        store,
        done.then(() => store.getState().toast("ok", `Marked “${name}”.`)),
      );
    },
    togglePause: (documentId) =>
      store.getState().patchDocument(documentId, (document) => {
        if (document.paused) return { paused: null };
        const timeline = slotOf(document, "timeline").table;
        const atNs = timeline?.timed ? timeline.endNs : (document.recording?.elapsedNs ?? 0);
        return { paused: { atNs } };
      }),
    closeDocument: (documentId) => {
      const document = documentOf(store, documentId);
      if (!document) return;
      if (!isRecording(document)) {
        void files.close(documentId);
        return;
      }
      store.getState().openDialog({
        kind: "confirm",
        title: `Stop recording ${document.title}?`,
        text: "Stopped, it is saved as a session. Left running, it goes on without this window, and can be opened again from Sessions.",
        action: "Stop and close",
        danger: false,
        other: { action: "Leave it running", run: () => void files.close(documentId) },
        run: () => {
          void stop(documentId).then(() => files.close(documentId));
        },
      });
    },
  };
}
