import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import "./dialog.css";

const isNowhere = (element: Element | null): boolean => element === null || element === document.body;

/** What had the focus before the first of several dialogs that follow each other. */
let outside: HTMLElement | null = null;

function focusBefore(): HTMLElement | null {
  const { activeElement } = document;
  if (
    activeElement instanceof HTMLElement &&
    !isNowhere(activeElement) &&
    !activeElement.closest("[role=dialog], [role=menu]")
  )
    outside = activeElement;
  return outside;
}

/**
 * A modal dialog. The scrim is our own element: the library's overlay would inject a style element, which the
 * page's policy forbids.
 */
export function Dialog({
  title,
  description,
  onClose,
  children,
  footer,
  width = 520,
  hideTitle = false,
  testId,
}: {
  readonly title: string;
  readonly description?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly width?: number;
  readonly hideTitle?: boolean;
  readonly testId?: string;
}) {
  const [before] = useState(focusBefore);
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <div className="dialog-scrim" aria-hidden="true" />
        <Radix.Content
          className={`dialog${hideTitle ? " bare" : ""}`}
          style={{ width }}
          data-testid={testId}
          onOpenAutoFocus={(event) => {
            // What has the focus already keeps it; else the dialog itself, not its Close button.
            event.preventDefault();
            if (event.target instanceof HTMLElement) event.target.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // What ran from it may have moved the focus already: into the next dialog, or a field.
            if (isNowhere(document.activeElement)) before?.focus();
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          {hideTitle ? (
            <Radix.Title className="visually-hidden">{title}</Radix.Title>
          ) : (
            <header className="dialog-head">
              <Radix.Title>{title}</Radix.Title>
              <Radix.Close asChild>
                <Button look="quiet" icon="close" small aria-label="Close" />
              </Radix.Close>
            </header>
          )}
          {description ? (
            <Radix.Description className={hideTitle ? "visually-hidden" : "dialog-about"}>
              {description}
            </Radix.Description>
          ) : null}
          {children ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a long body scrolls by keyboard only when it can have the focus
            <div className="dialog-body" tabIndex={0}>
              {children}
            </div>
          ) : null}
          {footer ? <footer className="dialog-foot">{footer}</footer> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
