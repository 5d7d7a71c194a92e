import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { RecordingState } from "#core/model/recording.ts";

/** The state as everybody sees it. */
export interface StateHolder {
  readonly state: RecordingState;
  update(part: Partial<RecordingState>): void;
  onState(handler: (state: RecordingState) => void): Disposable;
}

export function createState(recordingId: string, target: string, startedAtMs: number): StateHolder {
  let state: RecordingState = {
    recordingId,
    profileId: "",
    sessionId: "",
    phase: "checking",
    profiler: "",
    profilerTitle: "",
    target,
    pid: -1,
    startedAtMs,
    elapsedNs: 0,
    samples: 0,
    lostSamples: 0,
    rawBytes: 0,
    commands: [],
    ending: "",
    exitCode: null,
    problem: null,
    remarks: [],
    savedTo: "",
  };
  const handlers = new Set<(state: RecordingState) => void>();
  return {
    get state() {
      return state;
    },
    update(part) {
      state = { ...state, ...part };
      for (const handler of handlers) handler(state);
    },
    onState(handler) {
      handlers.add(handler);
      return disposable(() => handlers.delete(handler));
    },
  };
}
