import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Icon } from "./icon.tsx";
import { Menu } from "./menu.tsx";
import { fittingTabs } from "./tabs-that-fit.ts";
import { useWidth } from "./use-width.ts";
import "./tabs.css";

export interface TabSpec<K extends string> {
  readonly id: K;
  readonly title: string;
  readonly badge?: string;
  readonly content: ReactNode;
}

/** The keys go on in what is shown of the tabs in there. */
export const focusOpenPanel = (room: Element | null): void =>
  room?.querySelector<HTMLElement>("[role=tabpanel]:not([hidden])")?.focus();

/**
 * `tools`: what stands at the right end of the row of tabs, or below it where there is no room. Tabs for which there is no
 * room are in a menu at the end of the row; the open one is always in the row.
 */
export function Tabs<K extends string>({
  label,
  tabs,
  active,
  onChange,
  tools,
}: {
  readonly label: string;
  readonly tabs: readonly TabSpec<K>[];
  readonly active: K;
  readonly onChange: (id: K) => void;
  readonly tools?: ReactNode;
}) {
  const [rowRef, rowWidthPx] = useWidth();
  const list = useRef<HTMLDivElement | null>(null);
  const [widthsPx, setWidthsPx] = useState<ReadonlyMap<string, number>>(new Map());
  const shown = fittingTabs(tabs, active, widthsPx, rowWidthPx);
  const rest = tabs.filter((tab) => !shown.includes(tab));

  // A tab's width is known once it was drawn: all are drawn at first, and those of a badge that changed are while they show.
  // Asking lays out the whole page: only for other words, and when they have taken another size.
  const words = shown.map(({ id, title, badge }) => `${id}\n${title}\n${badge ?? ""}`).join("\n\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: `words` stands for what is drawn.
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = (): void =>
      setWidthsPx((known) => {
        const measured = new Map(known);
        for (const tab of element.querySelectorAll<HTMLElement>("[data-tab]"))
          measured.set(tab.dataset.tab ?? "", tab.offsetWidth);
        const changed = [...measured].some(([id, widthPx]) => Math.abs((known.get(id) ?? 0) - widthPx) > 8);
        return changed ? measured : known;
      });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [words]);

  const choose = useRef(onChange);
  choose.current = onChange;
  const hidden = tabs.filter((tab) => tab.id !== active).map(({ id }) => id);
  const others = `${rest.map(({ id, badge }) => `${id} ${badge ?? ""}`).join()} ${active} ${label}`;
  // The contents change ten times a second while a profile grows, the row of tabs and what is hidden do not.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `words` and `others` stand for what is drawn.
  const bar = useMemo(
    () => (
      <div className="tabs-bar">
        <Radix.List className="tabs-list" aria-label={label} ref={list}>
          {shown.map((tab) => (
            <Radix.Trigger key={tab.id} value={tab.id} className="tab" data-tab={tab.id}>
              {tab.title}
              {tab.badge ? <span className="tab-badge">{tab.badge}</span> : null}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {rest.length > 0 ? (
          <Menu
            actions={rest.map(({ id, title, badge }) => ({
              id,
              title: badge ? `${title} (${badge})` : title,
              run: () => choose.current(id),
            }))}
          >
            <button type="button" className="tab tabs-more" aria-label={`More ${label.toLowerCase()}`}>
              More
              <Icon name="down" size={14} />
            </button>
          </Menu>
        ) : null}
      </div>
    ),
    [words, others],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: an id each.
  const empty = useMemo(
    () => hidden.map((id) => <Radix.Content key={id} value={id} className="tab-content" tabIndex={-1} />),
    [hidden.join()],
  );
  const open = tabs.find((tab) => tab.id === active);

  return (
    <Radix.Root
      className="tabs"
      value={active}
      onValueChange={(value) => {
        const tab = tabs.find((each) => each.id === value);
        if (tab) onChange(tab.id);
      }}
    >
      <div className="tabs-row" ref={rowRef}>
        {bar}
        {tools}
      </div>
      {empty}
      {open ? (
        <Radix.Content key={open.id} value={open.id} className="tab-content" tabIndex={-1}>
          {open.content}
        </Radix.Content>
      ) : null}
    </Radix.Root>
  );
}
