import type { SessionInfo } from "#core/model/recording.ts";
import { newDocument } from "../store/document.ts";
import { type ActionContext, nextDocumentId, readSavedLog, told } from "./context.ts";
import type { RecordingActions } from "./recordings.ts";

/** In the question whether they may go. */
const MOST_NAMED = 8;

export interface SessionActions {
  openSession(session: SessionInfo): Promise<void>;
  /** Asks first. */
  deleteSession(session: SessionInfo): void;
  /** Asks first, with what they are. */
  deleteSessions(sessions: readonly SessionInfo[]): void;
}

export function sessionActions(
  { store, client }: ActionContext,
  recordings: RecordingActions,
): SessionActions {
  return {
    openSession: async ({ sessionId, state }) => {
      const open = store.getState().documents.find((document) => document.sessionId === sessionId);
      if (open) return store.getState().showDocument(open.id);
      if (state === "recording") {
        const running = await told(store, client.call("recording.list", {}));
        const own = running?.find((each) => each.sessionId === sessionId);
        if (own) return recordings.showRecording(own);
        store
          .getState()
          .toast(
            "fail",
            "This session is being recorded by another Flamewright.",
            "It can be opened here when that one has stopped.",
          );
        return;
      }
      const opened = await told(store, client.call("sessions.open", { sessionId }));
      if (!opened) return;
      const id = nextDocumentId();
      store.getState().addDocument(newDocument(id, { ...opened, sessionId }));
      await readSavedLog({ store, client }, id, opened.profileId);
    },
    deleteSessions: (sessions) => {
      const named = sessions.slice(0, MOST_NAMED).map(({ target }) => target);
      const more = sessions.length - named.length;
      store.getState().openDialog({
        kind: "confirm",
        title: `Delete ${sessions.length} ${sessions.length === 1 ? "session" : "sessions"}?`,
        text: `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""} are removed from disk. This cannot be undone.`,
        action: "Delete",
        danger: true,
        run: () => {
          for (const { sessionId } of sessions)
            void told(store, client.call("sessions.delete", { sessionId }));
          store.getState().selectSession(null);
        },
      });
    },
    deleteSession: (session) =>
      store.getState().openDialog({
        kind: "confirm",
        title: "Delete this session?",
        text: `${[session.target, session.profiler].filter(Boolean).join(", ")}: ${session.path} is removed from disk. This cannot be undone.`,
        action: "Delete",
        danger: true,
        run: () => {
          void told(store, client.call("sessions.delete", { sessionId: session.sessionId })).then((done) => {
            if (done === null) store.getState().selectSession(null);
          });
        },
      }),
  };
}
