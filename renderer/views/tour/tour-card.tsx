import { useEffect, useRef, useState } from "react";
import { isRecording, type ProfileDocument } from "../../app/store/document.ts";
import { tourStepOf } from "../../app/store/tour.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Icon } from "../../widgets/icon.tsx";
import "./tour.css";

/** Of the steps. */
const STEPS = 3;

/** The first step, above the list of targets: something to see within ten seconds, with one click. */
export function TourStart() {
  const { actions } = useApp();
  const isOn = useAppState((state) => tourStepOf(state) === 1);
  const isAsked = useAppState((state) => state.tour !== null);
  const [busy, setBusy] = useState(false);
  const primary = useFocus(isOn && isAsked);
  if (!isOn) return null;
  return (
    <section className="tour" aria-label={`Tour, step 1 of ${STEPS}`} data-testid="tour">
      <Icon name="flame" size={28} />
      <div className="tour-words">
        <h2>
          <TourCount step={1} /> Choose what to record: the demo program
        </h2>
        <p className="muted">
          Flamewright starts a small program that computes, and shows what it does while it does it. No
          profiler has to be installed and no permission is needed. Or pick a process of your own from the
          list below.
        </p>
      </div>
      <div className="tour-actions">
        <Button
          ref={primary}
          look="primary"
          icon="record"
          busy={busy}
          data-testid="record-demo"
          onClick={() => {
            setBusy(true);
            void actions.recordDemo().finally(() => setBusy(false));
          }}
        >
          Record the demo
        </Button>
        <Button look="quiet" onClick={() => void actions.endTour()}>
          Skip the tour
        </Button>
      </div>
    </section>
  );
}

const words = {
  2: {
    title: "Watch it while it runs",
    text: "Wide is expensive: a frame takes the width of the time it burns. Click one to select it, press Enter or double-click to zoom in, Escape to come back; drag over the timeline to see one stretch of time alone.",
  },
  3: {
    title: "Stop, and it is kept",
    text: "Stopping saves the recording under Sessions, where it opens to the same numbers. Two of them meet under Compare, Export makes a report for any browser, Ctrl K finds every command and ? every key.",
  },
} as const;

/** The steps that follow, above the views of the demo's recording. */
export function TourStrip({ document }: { readonly document: ProfileDocument }) {
  const { actions } = useApp();
  const step = useAppState((state) =>
    state.tour !== null && state.tour !== "over" && state.tour.documentId === document.id
      ? state.tour.step
      : 1,
  );
  const primary = useFocus(step);
  if (step === 1) return null;
  const { title, text } = words[step];
  const end = (): void => void actions.endTour();
  return (
    <section
      className="tour strip"
      aria-label={`Tour, step ${step} of ${STEPS}`}
      data-testid="tour"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        end();
      }}
    >
      <div className="tour-words">
        <h2>
          <TourCount step={step} /> {title}
        </h2>
        <p className="muted">{text}</p>
      </div>
      <div className="tour-actions">
        {step === 2 ? (
          <>
            <Button ref={primary} look="primary" onClick={() => actions.nextTourStep()}>
              Next
            </Button>
            <Button look="quiet" onClick={end}>
              Skip the tour
            </Button>
          </>
        ) : isRecording(document) ? (
          <>
            <Button
              ref={primary}
              look="primary"
              icon="stop"
              onClick={() => {
                void actions.stop(document.id);
                end();
              }}
            >
              Stop and finish
            </Button>
            <Button look="quiet" onClick={end}>
              Leave it running
            </Button>
          </>
        ) : (
          <Button ref={primary} look="primary" onClick={end}>
            Done
          </Button>
        )}
      </div>
    </section>
  );
}

function TourCount({ step }: { readonly step: number }) {
  return (
    <span className="tour-count">
      {step} of {STEPS}
    </span>
  );
}

/** The step's own button has the focus when the step begins, unless the person is elsewhere by then. */
function useFocus(step: unknown) {
  const button = useRef<HTMLButtonElement | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: at every step
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || activeElement.matches("main"))
      button.current?.focus();
  }, [step]);
  return button;
}
