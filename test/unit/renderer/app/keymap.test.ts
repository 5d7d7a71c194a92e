import { describe, expect, it } from "vitest";
import {
  type KeyLike,
  matches,
  parseChord,
  readableKeys,
  typesText,
} from "../../../../renderer/app/keymap.ts";

const event = (key: string, held = ""): KeyLike => ({
  key,
  ctrlKey: held.includes("c"),
  shiftKey: held.includes("s"),
  altKey: held.includes("a"),
  metaKey: held.includes("m"),
});

describe("keys", () => {
  const cases: readonly (readonly [string, KeyLike, boolean, boolean])[] = [
    ["Ctrl+K", event("k", "c"), false, true],
    ["Ctrl+K", event("K", "c"), false, true],
    ["Ctrl+K", event("k"), false, false],
    ["Ctrl+K", event("k", "cs"), false, false],
    ["Ctrl+K", event("k", "m"), false, false],
    ["Ctrl+K", event("k", "m"), true, true],
    ["Ctrl+K", event("k", "c"), true, false],
    ["Ctrl+Shift+Z", event("Z", "cs"), false, true],
    ["Ctrl+Z", event("Z", "cs"), false, false],
    ["?", event("?", "s"), false, true],
    ["?", event("?"), false, true],
    ["/", event("/", "s"), false, true],
    ["/", event("/", "c"), false, false],
    ["F", event("f"), false, true],
    ["F", event("F", "s"), false, false],
    ["F", event("f", "c"), false, false],
    ["Alt+1", event("1", "a"), false, true],
    ["1", event("1", "a"), false, false],
    ["Escape", event("Escape"), false, true],
    ["Ctrl+.", event(".", "c"), false, true],
    ["Space", event(" "), false, true],
  ];
  it.each(cases)("%s", (chord, pressed, mac, expected) =>
    expect(matches(parseChord(chord), pressed, mac)).toBe(expected),
  );

  it("that type a character stay with a text field", () => {
    const typing = ["F", "/", "?", "1", "Space"];
    const free = ["Ctrl+K", "Alt+1", "Escape", "Ctrl+."];
    expect([...typing, ...free].filter((keys) => typesText(parseChord(keys)))).toEqual(typing);
  });

  it("are written as people know them", () => {
    expect(readableKeys("Ctrl+Shift+Z", false)).toBe("Ctrl Shift Z");
    expect(readableKeys("Ctrl+Shift+Z", true)).toBe("⌘⇧Z");
    expect(readableKeys("Alt+ArrowDown", false)).toBe("Alt ↓");
  });
});
