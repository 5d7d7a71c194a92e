/** Keys as a person reads them ("Ctrl+Shift+Z", "/", "?", "F5") and the events that they match. */
export interface Chord {
  readonly key: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
}

export interface KeyLike {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The last part is the key; "+" itself is written "Plus". */
export function parseChord(text: string): Chord {
  const parts = text.split("+");
  const key = parts.at(-1) ?? "";
  return {
    key: key === "Plus" ? "+" : key.toLowerCase(),
    ctrl: parts.includes("Ctrl"),
    shift: parts.includes("Shift"),
    alt: parts.includes("Alt"),
  };
}

/** Signs such as ? and / need Shift on some keyboards and not on others: for them Shift does not count. */
const isSign = (key: string): boolean => key.length === 1 && !/[\p{L}\p{N} ]/u.test(key);

/** On a Mac, Ctrl in the keymap is the Command key. */
export function matches(chord: Chord, event: KeyLike, mac: boolean): boolean {
  const ctrl = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  if (key !== chord.key || ctrl !== chord.ctrl || other || event.altKey !== chord.alt) return false;
  return isSign(chord.key) ? true : event.shiftKey === chord.shift;
}

/** A chord that types a character: not to be taken from a text field. */
export const typesText = (chord: Chord): boolean =>
  !chord.ctrl && !chord.alt && (chord.key.length === 1 || chord.key === "space");

const keyNames: readonly (readonly [string, string])[] = [
  ["ArrowUp", "↑"],
  ["ArrowDown", "↓"],
  ["ContextMenu", "Menu"],
  ["Escape", "Esc"],
];
const macNames: readonly (readonly [string, string])[] = [
  ["Ctrl+", "⌘"],
  ["Shift+", "⇧"],
  ["Alt+", "⌥"],
];

/** Keys as a person reads them: "Ctrl K", on a Mac "⌘K". */
export function readableKeys(text: string, mac: boolean): string {
  const named = (mac ? [...macNames, ...keyNames] : keyNames).reduce(
    (all, [from, to]) => all.replace(from, to),
    text,
  );
  return named.replaceAll("+", " ").replace("Plus", "+");
}
