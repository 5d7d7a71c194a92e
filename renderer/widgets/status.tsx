import { type ReactNode, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { Words } from "./words.tsx";
import "./status.css";

export type Status = "ok" | "warn" | "fail";

const words: Readonly<Record<Status, string>> = { ok: "OK", warn: "Limited", fail: "Blocked" };

/** An icon and a word: colour is never the only sign. */
export function StatusMark({ status, word }: { readonly status: Status; readonly word?: string }) {
  return (
    <span className={`status-mark ${status}`}>
      <Icon name={status === "ok" ? "check" : status} size={14} />
      {word ?? words[status]}
    </span>
  );
}

export function CopyButton({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied("yes"),
      () => setCopied("refused"),
    );
  };
  return (
    <Button
      small
      look="quiet"
      icon={copied === "yes" ? "check" : "copy"}
      onClick={copy}
      onBlur={() => setCopied("no")}
    >
      <span aria-live="polite">
        {copied === "yes" ? "Copied" : copied === "refused" ? "Not allowed" : label}
      </span>
    </Button>
  );
}

/** A command or a text to take away, exactly as it is. */
export function CodeLine({ text }: { readonly text: string }) {
  return (
    <div className="code-line">
      <code className="selectable">{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** A failure: what happened, what to do, and the tool's own words on demand. */
export function ProblemBox({
  problem,
  tone = "fail",
  actions,
}: {
  readonly problem: Problem;
  readonly tone?: "warn" | "fail";
  readonly actions?: ReactNode;
}) {
  return (
    <div className={`problem-box ${tone}`} role="alert" data-problem={problem.code}>
      <Icon name={tone} />
      <div className="problem-words">
        <p className="problem-message selectable">
          <Words text={problem.message} />
        </p>
        <p className="selectable">
          <Words text={problem.fix} />
        </p>
        {problem.detail ? (
          <details>
            <summary>Details</summary>
            <pre className="selectable">{problem.detail}</pre>
          </details>
        ) : null}
      </div>
      {actions ? <div className="problem-actions">{actions}</div> : null}
    </div>
  );
}

/** `share` from 0 to 1; -1 where it is not known how much there is. */
export function Progress({ label, share }: { readonly label: string; readonly share: number }) {
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share < 0 ? undefined : Math.round(share * 100)}
    >
      <div className={share < 0 ? "unknown" : ""} style={share < 0 ? {} : { width: `${share * 100}%` }} />
    </div>
  );
}
