import { Fix } from "./fix.tsx";
import { type Status, StatusMark } from "./status.tsx";
import "./check-list.css";

/** One fact about the machine: what was found, what it prevents, the exact fix. */
export interface CheckItem {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  readonly found: string;
  readonly prevents: string;
  readonly fix: string;
  readonly consequence: string;
}

export function CheckList({
  checks,
  label,
}: {
  readonly checks: readonly CheckItem[];
  readonly label: string;
}) {
  return (
    <ul className="check-list" aria-label={label}>
      {checks.map((check) => (
        <li key={check.id} data-check={check.id} data-status={check.status}>
          <div className="check-head">
            <span className="check-title">{check.title}</span>
            <StatusMark status={check.status} />
          </div>
          <p className="muted selectable">{check.found}</p>
          {check.status === "ok" ? null : (
            <>
              {check.prevents ? <p className="selectable">{check.prevents}</p> : null}
              {check.fix ? <Fix text={check.fix} /> : null}
              {check.consequence ? <p className="check-consequence faint">{check.consequence}</p> : null}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
