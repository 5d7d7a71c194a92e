import { ProblemError, problemOf } from "#core/base/result.ts";
import type { SourceRun } from "./exec/source-run.ts";
import type { Asked, RecordingStore, SessionDraft } from "./parts.ts";

const nothingToAsk = problemOf(
  "nothing-to-ask",
  "This recording gives what it has by itself, and has nothing to be asked for.",
  "Heap snapshots are to be had of Node, leak checks and snapshots of programs under valgrind.",
);
const notRunning = problemOf(
  "not-recording",
  "The recording does not run any more, or not yet.",
  "Ask while it records.",
);
const stillAsked = problemOf(
  "asked-already",
  "What was asked for before is still on its way.",
  "Wait until it is done.",
);

interface Asking {
  readonly run: SourceRun | null;
  readonly draft: SessionDraft | null;
  readonly store: RecordingStore;
  /** Names the moment on the timeline. */
  mark(name: string): Promise<void>;
}

/** One question at a time; the file that comes of it is kept beside the recording. */
export function createAsk(asking: () => Asking): () => Promise<Asked> {
  let busy = false;
  return async () => {
    const { run, draft, store, mark } = asking();
    if (run === null || draft === null) throw new ProblemError(notRunning);
    if (run.ask === undefined) throw new ProblemError(nothingToAsk);
    if (busy) throw new ProblemError(stillAsked);
    busy = true;
    try {
      const { words, file } = await run.ask();
      await mark(words);
      return { words, kept: file === null ? null : await store.keep(draft, file) };
    } finally {
      busy = false;
    }
  };
}
