import { useEffect } from "react";
import { formatCountOf } from "#core/base/numbers.ts";
import type { RowMenu } from "../widgets/grid-menu.ts";
import type { MenuAction } from "../widgets/menu.tsx";
import { type TableText, tableAround } from "../widgets/table-text.ts";
import type { App } from "./app.ts";
import { useApp } from "./use-app.ts";

/** The table that has the focus, else the one below the tabs, else any of the screen. */
function tableOfScreen(): TableText | null {
  const room = document.querySelector("main");
  if (room === null) return null;
  const focused = document.activeElement;
  const own = focused !== null && focused !== room && room.contains(focused) ? tableAround(focused) : null;
  const panel = room.querySelector("[role=tabpanel]");
  return own ?? (panel && tableAround(panel)) ?? tableAround(room);
}

/** What was copied, in words: the heading is no row. */
function rowsIn(text: string): string {
  const rows = Math.max(1, text.trimEnd().split("\n").length - 1);
  return rows === 1 ? "a row" : formatCountOf(rows, "row");
}

type CopyContext = Pick<App, "store" | "actions">;

/** The table of the screen, all of it, as tab-separated text. */
export const copyTable = (context: CopyContext): Promise<void> => copyWhole(context, tableOfScreen());

async function copyWhole({ store, actions }: CopyContext, table: TableText | null): Promise<void> {
  const text = await table?.all();
  if (text) actions.copy(text, `${rowsIn(text)} as text`);
  else store.getState().toast("fail", "There is no table on this screen.", "Open a view that has one.");
}

/** Ctrl+C in a table takes the selected row, or all rows where none is selected; selected text goes first. */
export function useCopyOfTables(): void {
  const app = useApp();
  useEffect(() => {
    const copy = (event: ClipboardEvent): void => {
      const focused = document.activeElement;
      if (event.defaultPrevented || focused === null || !focused.matches("main *") || isTextField(focused))
        return;
      if ((document.getSelection()?.toString() ?? "") !== "") return;
      const table = tableAround(focused);
      const text = table?.selected() || table?.all();
      if (table === null || !text) return;
      event.preventDefault();
      if (typeof text !== "string") {
        void copyWhole(app, table);
        return;
      }
      event.clipboardData?.setData("text/plain", text);
      app.store.getState().toast("ok", `Copied ${rowsIn(text)} as text.`);
    };
    document.addEventListener("copy", copy);
    return () => document.removeEventListener("copy", copy);
  }, [app]);
}

const isTextField = (element: Element): boolean => element.matches("input, textarea, select");

/** The menu of a row whose table has none of its own: what the keys do. */
export function openRowMenu(app: App, { at, heading, activate, rowAsText }: RowMenu): void {
  app.store.getState().openMenu({
    ...at,
    heading,
    actions: [
      { id: "open", title: "Open", keys: "Enter", run: activate },
      {
        id: "copy-row",
        title: "Copy the row as text",
        keys: "Ctrl C",
        icon: "copy",
        separated: true,
        run: () => app.actions.copy(rowAsText, "a row as text"),
      },
      copyTableAction(app),
    ],
  });
}

/** For the menu of a row: the table that has the focus before the menu takes it. */
export function copyTableAction(context: CopyContext): MenuAction {
  const table = tableOfScreen();
  return {
    id: "copy-table",
    title: "Copy the table as text",
    keys: "Shift C",
    icon: "copy",
    run: () => void copyWhole(context, table),
  };
}

export const isInTable = (): boolean => document.activeElement?.matches("main [data-copies]") ?? false;
