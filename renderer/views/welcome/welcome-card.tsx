import { useState } from "react";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Icon } from "../../widgets/icon.tsx";
import "./welcome.css";

/** The first start: something to see within ten seconds, with one click. */
export function WelcomeCard() {
  const { actions } = useApp();
  const offered = useAppState((state) => state.settings?.welcomed === false && !state.welcomeHidden);
  const [busy, setBusy] = useState(false);
  if (!offered) return null;
  return (
    <section className="welcome" aria-label="Welcome">
      <Icon name="flame" size={28} />
      <div className="welcome-words">
        <h2>See it work: record the demo program</h2>
        <p className="muted">
          Flamewright starts a small program that computes, and shows what it does while it does it. No
          profiler has to be installed and no permission is needed. Or pick a process of your own from the
          list below.
        </p>
      </div>
      <div className="welcome-actions">
        <Button
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
        <Button look="quiet" onClick={() => void actions.endWelcome()}>
          Not now
        </Button>
      </div>
    </section>
  );
}
