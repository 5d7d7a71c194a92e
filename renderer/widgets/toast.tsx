import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import "./toast.css";

export interface ToastItem {
  readonly id: number;
  readonly tone: "ok" | "fail";
  readonly text: string;
  readonly detail: string;
}

/** Short news at the lower edge, read out politely. The room is always there, so that what appears is announced. */
export function Toasts({
  items,
  onDismiss,
}: {
  readonly items: readonly ToastItem[];
  readonly onDismiss: (id: number) => void;
}) {
  return (
    <section className="toasts" aria-live="polite" aria-label="Messages">
      {items.map((item) => (
        <div key={item.id} className={`toast ${item.tone}`} data-testid="toast">
          <Icon name={item.tone === "ok" ? "check" : "fail"} />
          <div className="toast-words">
            <p>{item.text}</p>
            {item.detail ? <p className="muted">{item.detail}</p> : null}
          </div>
          <IconButton label="Dismiss" icon="close" small onClick={() => onDismiss(item.id)} />
        </div>
      ))}
    </section>
  );
}
