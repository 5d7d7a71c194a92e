import { formatCount, formatPercent } from "#core/base/numbers.ts";
import { observerWords } from "#core/model/fact-words.ts";
import { isRecording, type ProfileDocument } from "../../app/store/document.ts";
import { Icon } from "../../widgets/icon.tsx";
import { phaseWords, stopWatch } from "./recording-words.ts";
import "./recording.css";

/** The state of a recording in the top bar. Only changes of the phase are read out, not the counters. */
export function RecordingStatus({ document }: { readonly document: ProfileDocument }) {
  const state = document.recording;
  if (!state) return <span className="recording-status muted">Starting…</span>;
  const running = isRecording(document);
  const failed = state.phase === "failed" || state.ending === "failed";
  const words = phaseWords(state);
  return (
    <div className="recording-status" data-testid="recording-status" data-phase={state.phase}>
      {state.phase === "recording" ? (
        <span className="live-dot" aria-hidden="true" />
      ) : running ? (
        <span className="spinner" aria-hidden="true" />
      ) : (
        <span className={`recording-end ${failed ? "fail" : "ok"}`}>
          <Icon name={failed ? "fail" : "check"} size={14} />
        </span>
      )}
      <span className={state.phase === "recording" ? "recording-phase" : ""} role="status">
        {words}
      </span>
      <span className="recording-clock">{stopWatch(state.elapsedNs)}</span>
      {document.paused ? <span className="badge recording-paused">display paused</span> : null}
      <span className={`recording-count${document.paused ? " wide" : ""}`}>
        {formatCount(state.samples)} samples
      </span>
      <span className={state.lostSamples > 0 ? "recording-lost" : "recording-count wide"}>
        {formatCount(state.lostSamples)} lost
      </span>
      {state.observer ? (
        <span
          className="recording-count wide"
          data-testid="observer-cost"
          title={`What recording itself takes${running ? ", over the last seconds" : ", on average"}: ${observerWords(state.observer)}`}
        >
          cost {formatPercent((state.observer.profilerPercent ?? 0) + state.observer.workbenchPercent, 100)}
          <span className="recording-unit"> of a core</span>
        </span>
      ) : null}
    </div>
  );
}
