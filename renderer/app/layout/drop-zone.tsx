import { useEffect, useState } from "react";
import { Icon } from "../../widgets/icon.tsx";
import { droppedIn } from "../dropped.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./drop-zone.css";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Files can be dropped anywhere. */
export function DropZone() {
  const { actions, shell, store } = useApp();
  const formats = useAppState((state) => state.registry.formats.length);
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Every element that is entered and left tells; the page is left when as many were left as entered.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const move = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      // What is opened is on the screen behind a dialog.
      store.getState().closeDialog();
      if (event.dataTransfer) void actions.openDropped(droppedIn(event.dataTransfer, shell));
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", move);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", move);
      window.removeEventListener("drop", drop);
    };
  }, [actions, shell, store]);
  return over ? (
    <div className="drop-zone" role="status">
      <div>
        <Icon name="file" size={24} />
        <p>Drop to open</p>
        <p className="muted">
          One or several files of {formats} kinds, compressed or not; archives and folders of them
        </p>
      </div>
    </div>
  ) : null;
}
