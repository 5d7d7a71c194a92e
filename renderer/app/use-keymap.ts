import { useEffect } from "react";
import type { Command } from "./commands.ts";
import { matches, parseChord, typesText } from "./keymap.ts";
import { useApp } from "./use-app.ts";

const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");

/** The commands' keys, wherever the focus is, except for what is typed into a field or belongs to a dialog or menu. */
export function useKeymap(commands: readonly Command[]): void {
  const { store, shell } = useApp();
  useEffect(() => {
    const bound = commands.flatMap((command) =>
      command.keys.map((keys) => ({ command, chord: parseChord(keys) })),
    );
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const state = store.getState();
      if (state.dialog || document.querySelector("[role=menu]")) return;
      const inField = isTextField(event.target);
      for (const { command, chord } of bound) {
        if (!matches(chord, event, shell.mac)) continue;
        if (inField && (typesText(chord) || chord.key === "escape" || isEditing(chord.key, chord.ctrl)))
          continue;
        if (!command.when(state)) continue;
        event.preventDefault();
        command.run();
        return;
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [commands, store, shell]);
}

/** Undo, redo and deleting belong to the field that is being edited. */
const isEditing = (key: string, ctrl: boolean): boolean => ctrl && ["z", "y", "backspace"].includes(key);
