import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import "./tabs.css";

export interface TabSpec<K extends string> {
  readonly id: K;
  readonly title: string;
  readonly badge?: string;
  readonly content: ReactNode;
}

/** `tools`: what stands at the right end of the row of tabs. */
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
  return (
    <Radix.Root
      className="tabs"
      value={active}
      onValueChange={(value) => {
        const tab = tabs.find((each) => each.id === value);
        if (tab) onChange(tab.id);
      }}
    >
      <div className="tabs-row">
        <Radix.List className="tabs-list" aria-label={label}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.id} value={tab.id} className="tab">
              {tab.title}
              {tab.badge ? <span className="tab-badge">{tab.badge}</span> : null}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {tools}
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="tab-content" tabIndex={-1}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
