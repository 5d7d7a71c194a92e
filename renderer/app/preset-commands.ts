import { presets } from "#core/model/presets.ts";
import type { App } from "./app.ts";
import type { Command } from "./commands.ts";
import { isReadable } from "./store/document.ts";
import { activeDocument } from "./store/workspace.ts";

/** By id, for what is asked for most; the palette has all of them. */
const keys: Readonly<Record<string, string>> = {
  "only-my-code": "U",
  "hide-kernel": "Shift+Q",
  "drop-idle": "Z",
  "drop-gc": "G",
  "hide-libc": "B",
  "hide-standard-library": "Shift+T",
  "hide-python-library": "Shift+P",
  "hide-event-loop": "Shift+L",
  "collapse-node-modules": "Shift+O",
  "hide-jvm": "J",
  "hide-java-library": "Shift+J",
  "hide-go-runtime": "Shift+G",
  "hide-ruby-interpreter": "R",
};

export const keyOfPreset = (id: string): string | null => keys[id] ?? null;

/** Puts a preset on, or takes it away again. */
export const presetCommands = ({ store, actions }: App): readonly Command[] =>
  presets.map((preset) => ({
    id: `preset-${preset.id}`,
    title: ["Preset", ...(preset.group === "Any program" ? [] : [preset.group]), preset.title].join(" · "),
    group: "Selection",
    keys: [keys[preset.id] ?? []].flat(),
    when: (now) => {
      const document = activeDocument(now);
      return document !== null && isReadable(document);
    },
    run: () => {
      const document = activeDocument(store.getState());
      if (document) actions.togglePreset(document.id, preset);
    },
  }));
