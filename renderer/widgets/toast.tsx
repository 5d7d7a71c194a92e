import { useEffect } from "react";
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
    <section
      className={items.some(({ tone }) => tone === "fail") ? "toasts urgent" : "toasts"}
      aria-live="polite"
      aria-label="Messages"
    >
      {items.map((item) => (
        <Toast key={item.id} item={item} onDismiss={onDismiss} />
      ))}
    </section>
  );
}

const SHOWN_MS = 5_000;

/** Good news goes by itself; a failure stays until it was read. */
function Toast({ item, onDismiss }: { readonly item: ToastItem; readonly onDismiss: (id: number) => void }) {
  const { id, tone } = item;
  useEffect(() => {
    if (tone !== "ok") return;
    const timer = setTimeout(() => onDismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, tone, onDismiss]);
  return (
    <div className={`toast ${tone}`} data-testid="toast">
      <Icon name={tone === "ok" ? "check" : "fail"} />
      <div className="toast-words">
        <p>{item.text}</p>
        {item.detail ? <p className="muted">{item.detail}</p> : null}
      </div>
      <IconButton label="Dismiss" icon="close" small onClick={() => onDismiss(id)} />
    </div>
  );
}
