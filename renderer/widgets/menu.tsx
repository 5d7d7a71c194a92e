import { DropdownMenu as Radix } from "radix-ui";
import { type ReactElement, useState } from "react";
import { Icon, type IconName } from "./icon.tsx";
import "./menu.css";

export interface MenuAction {
  readonly id: string;
  readonly title: string;
  readonly keys?: string;
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  /** A tick; undefined where the entry is no choice. */
  readonly checked?: boolean;
  /** A line above this entry. */
  readonly separated?: boolean;
  /** A menu of its own; `run` is not called then. */
  readonly actions?: readonly MenuAction[];
  readonly run: () => void;
}

function Entries({ actions }: { readonly actions: readonly MenuAction[] }) {
  return actions.map((action) => {
    const inner = (
      <>
        <span className="menu-icon">
          {action.checked ? (
            <Icon name="check" size={14} />
          ) : action.icon ? (
            <Icon name={action.icon} size={14} />
          ) : null}
        </span>
        <span className="menu-title truncate">{action.title}</span>
        {action.keys ? <kbd>{action.keys.replace(/(?<=\w)\+/g, " ")}</kbd> : null}
      </>
    );
    const shared = {
      className: `menu-item${action.danger ? " danger" : ""}`,
      disabled: action.disabled ?? false,
      onSelect: () => action.run(),
    };
    return (
      <div key={action.id} role="presentation">
        {action.separated ? <Radix.Separator className="menu-line" /> : null}
        {action.actions ? (
          <Radix.Sub>
            <Radix.SubTrigger className="menu-item">
              {inner}
              <Icon name="right" size={14} />
            </Radix.SubTrigger>
            <Radix.Portal>
              <Radix.SubContent className="menu" sideOffset={2} collisionPadding={8}>
                <Entries actions={action.actions} />
              </Radix.SubContent>
            </Radix.Portal>
          </Radix.Sub>
        ) : action.checked === undefined ? (
          <Radix.Item {...shared}>{inner}</Radix.Item>
        ) : (
          <Radix.CheckboxItem {...shared} checked={action.checked}>
            {inner}
          </Radix.CheckboxItem>
        )}
      </div>
    );
  });
}

/** Menus are not modal: a modal one would inject a style element to stop scrolling, against the page's policy. */
export function Menu({
  actions,
  children,
  heading,
}: {
  readonly actions: readonly MenuAction[];
  readonly children: ReactElement;
  readonly heading?: string;
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align="start" sideOffset={4} collisionPadding={8} tabIndex={0}>
          {heading ? <Radix.Label className="menu-heading truncate">{heading}</Radix.Label> : null}
          <Entries actions={actions} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A context menu at a point of the window. */
export function MenuAt({
  x,
  y,
  actions,
  heading,
  onClose,
}: {
  readonly x: number;
  readonly y: number;
  readonly actions: readonly MenuAction[];
  readonly heading?: string;
  readonly onClose: () => void;
}) {
  const [before] = useState(() => document.activeElement);
  return (
    <Radix.Root modal={false} open onOpenChange={(open) => !open && onClose()}>
      <Radix.Trigger asChild>
        <span className="menu-anchor" style={{ left: x, top: y }} aria-hidden="true" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className="menu"
          align="start"
          sideOffset={2}
          collisionPadding={8}
          // A long one scrolls.
          tabIndex={0}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // What was chosen may have moved the focus already: into a dialog, or another view.
            if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
          }}
          onContextMenu={(event) => event.preventDefault()}
        >
          {heading ? <Radix.Label className="menu-heading truncate">{heading}</Radix.Label> : null}
          <Entries actions={actions} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
