import { useId } from "react";
import { Button } from "../../widgets/button.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { Words } from "../../widgets/words.tsx";
import { findingsOf, isAdviceOpen, toggledAdvice } from "../advice-state.ts";
import type { ProfileDocument } from "../store/document.ts";
import { useApp } from "../use-app.ts";
import "./advice-strip.css";

/** What may mislead the reader of this profile: one line above every view, and the whole of it on demand. */
export function AdviceStrip({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const listId = useId();
  const findings = findingsOf(document);
  const [first] = findings;
  if (!first) return null;
  const open = isAdviceOpen(document);
  const more = findings.length - 1;
  return (
    <section className="advice" aria-label="Advice" data-testid="advice">
      <div className="advice-line" data-severity={first.severity}>
        <Icon name={first.severity === "warn" ? "warn" : "info"} />
        <span className="truncate">
          {first.title}
          {more > 0 ? <span className="muted"> and {more} more</span> : null}
        </span>
        <Button
          small
          look="quiet"
          keys="A"
          aria-expanded={open}
          aria-controls={listId}
          onClick={() => store.getState().patchDocument(document.id, toggledAdvice)}
        >
          {open ? "Hide" : "What to do"}
        </Button>
      </div>
      {open ? (
        <ul id={listId} className="advice-list">
          {findings.map((finding) => (
            <li key={finding.id} data-severity={finding.severity}>
              <Icon name={finding.severity === "warn" ? "warn" : "info"} />
              <div className="selectable">
                <strong>{finding.title}</strong>
                <p>
                  <Words text={finding.evidence} />
                </p>
                <p className="advice-fix">
                  <Words text={finding.fix} />
                </p>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
