import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import "./button.css";
import { Icon, type IconName } from "./icon.tsx";
import { Tooltip } from "./tooltip.tsx";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  readonly children?: ReactNode;
  /** primary: the one thing to do here. danger: destroys something. quiet: without a frame. */
  readonly look?: "primary" | "normal" | "quiet" | "danger";
  readonly icon?: IconName;
  readonly small?: boolean;
  /** Shown at the end, as a hint for the keyboard. */
  readonly keys?: string;
  readonly busy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  look = "normal",
  icon,
  small,
  keys,
  busy,
  children,
  className,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={`button ${look}${small ? " small" : ""}${children ? "" : " icon-only"} ${className ?? ""}`}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} size={14} /> : null}
      {children ? <span className="button-text">{children}</span> : null}
      {keys ? (
        <span className="keycap" aria-hidden="true">
          {keys}
        </span>
      ) : null}
    </button>
  );
}

/** A button that is only an icon: its label is also its tooltip. */
export function IconButton({
  label,
  icon,
  hint,
  ...rest
}: ButtonProps & { readonly label: string; readonly icon: IconName; readonly hint?: string }) {
  return (
    <Tooltip text={label} hint={hint}>
      <Button look="quiet" icon={icon} aria-label={label} {...rest} />
    </Tooltip>
  );
}
