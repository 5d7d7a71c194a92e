import type { ReactNode } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import "./split.css";

/** Two panes, one above the other, with a bar between that the pointer and the arrow keys move. */
export function SplitRows({
  label,
  top,
  bottom,
  topSizePx,
}: {
  readonly label: string;
  readonly top: ReactNode;
  readonly bottom: ReactNode;
  readonly topSizePx: number;
}) {
  return (
    <Group orientation="vertical" className="split">
      <Panel
        className="split-pane"
        defaultSize={topSizePx}
        minSize={64}
        maxSize="70%"
        groupResizeBehavior="preserve-pixel-size"
      >
        {top}
      </Panel>
      <Separator className="split-bar" aria-label={label} />
      <Panel className="split-pane" minSize={160}>
        {bottom}
      </Panel>
    </Group>
  );
}
