import { type ReactNode, useEffect, useRef } from "react";
import { Group, Panel, Separator, usePanelRef } from "react-resizable-panels";
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
  /** Until the person moves the bar. */
  readonly topSizePx: number;
}) {
  const pane = usePanelRef();
  const isMoved = useRef(false);
  const move = (): void => {
    isMoved.current = true;
  };
  useEffect(() => {
    if (!isMoved.current) pane.current?.resize(topSizePx);
  }, [pane, topSizePx]);
  return (
    <Group orientation="vertical" className="split">
      <Panel
        className="split-pane"
        panelRef={pane}
        defaultSize={topSizePx}
        minSize={64}
        maxSize="70%"
        groupResizeBehavior="preserve-pixel-size"
      >
        {top}
      </Panel>
      <Separator className="split-bar" aria-label={label} onPointerDown={move} onKeyDown={move} />
      <Panel className="split-pane" minSize={160}>
        {bottom}
      </Panel>
    </Group>
  );
}
