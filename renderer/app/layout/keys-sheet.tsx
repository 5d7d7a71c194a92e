import { Dialog } from "../../widgets/dialog.tsx";
import { type Command, commandGroups } from "../commands.ts";
import { readableKeys } from "../keymap.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./keys-sheet.css";

export function KeysSheet({ commands }: { readonly commands: readonly Command[] }) {
  const { shell } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const lists: readonly {
    readonly title: string;
    readonly rows: readonly (readonly [string, readonly string[]])[];
  }[] = [
    ...commandGroups.map((group) => ({
      title: group,
      rows: commands
        .filter((command) => command.group === group && command.keys.length > 0)
        .map((command) => [command.title, command.keys] as const),
    })),
    {
      title: "In lists and graphs",
      rows: [
        ["Move", ["ArrowUp", "ArrowDown"]],
        ["Open, record or zoom in", ["Enter"]],
        ["Menu of the selected row", ["ContextMenu"]],
        ["Of the processes: pick, pick a range", ["Space", "Shift+ArrowDown"]],
      ],
    },
    {
      title: "In the flame graph",
      rows: [
        ["Back to the frame before, to all of it", ["Backspace", "Escape"]],
        ["Closer, farther", ["+", "-"]],
        ["To the left, to the right", ["Shift+ArrowLeft", "Shift+ArrowRight"]],
      ],
    },
    {
      title: "On the timeline",
      rows: [
        ["Move the cursor, select a range with Shift", ["ArrowLeft", "ArrowRight"]],
        ["Zoom into the range, and back", ["Enter", "Backspace"]],
        ["Closer, farther, all", ["W", "S", "0"]],
        ["To the left, to the right", ["A", "D"]],
      ],
    },
  ];
  return (
    <Dialog title="Keys" onClose={close} width={780} testId="keys-sheet">
      <div className="keys-sheet">
        {lists.map((list) => (
          <section key={list.title}>
            <h3>{list.title}</h3>
            <dl>
              {list.rows.map(([title, keys]) => (
                <div key={title}>
                  <dt>{title}</dt>
                  <dd>
                    {keys.map((key) => (
                      <kbd key={key}>{readableKeys(key, shell.mac)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
