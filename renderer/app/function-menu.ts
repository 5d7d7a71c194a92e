import type { MenuAction } from "../widgets/menu.tsx";
import type { MenuPosition } from "../widgets/picture.ts";
import type { App } from "./app.ts";
import type { ProfileDocument } from "./store/document.ts";

/** The function that a menu is about. */
export interface MenuSubject {
  readonly functionIndex: number;
  readonly name: string;
  /** Call node, -1 for none. */
  readonly node: number;
  readonly file: string;
  /** -1 where unknown. */
  readonly line: number;
}

/** A row of any table that has functions. */
interface FunctionRows {
  readonly strings: readonly string[];
  readonly function: Int32Array;
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly node?: Int32Array;
}

export function subjectOfRow(table: FunctionRows, row: number): MenuSubject {
  return {
    functionIndex: table.function[row] ?? -1,
    name: table.strings[table.name[row] ?? -1] ?? "",
    node: table.node?.[row] ?? -1,
    file: table.strings[table.file[row] ?? -1] ?? "",
    line: table.line[row] ?? -1,
  };
}

/** The menu of a function, wherever it was clicked: the same commands as the keys. `more` come first. */
export function openFunctionMenu(
  app: App,
  document: ProfileDocument,
  position: MenuPosition,
  subject: MenuSubject,
  more: readonly MenuAction[] = [],
): void {
  const { store, actions } = app;
  const { functionIndex, name, node, file, line } = subject;
  const { id } = document;
  if (functionIndex < 0) return;
  actions.pick(id, functionIndex, node, name);
  const shows = app.views
    .filter((view) => view.showsFunction && view.id !== document.tab && view.when?.(document) !== false)
    .map(
      (view): MenuAction => ({
        id: `show-${view.id}`,
        title: `Show in: ${view.longTitle ?? view.title}`,
        run: () => store.getState().patchDocument(id, { tab: view.id }),
      }),
    );
  const place: MenuAction = {
    id: "copy-place",
    title: "Copy file and line",
    icon: "copy",
    run: () => actions.copy(line >= 0 ? `${file}:${line}` : file, "the place"),
  };
  store.getState().openMenu({
    ...position,
    heading: name,
    actions: [
      ...more,
      ...shows,
      {
        id: "focus",
        title: "Focus: only samples with it",
        keys: "F",
        separated: true,
        run: () => actions.transform(id, "focus", name),
      },
      {
        id: "hide",
        title: "Hide it: its time goes to the caller",
        keys: "H",
        run: () => actions.transform(id, "hide", name),
      },
      {
        id: "ignore",
        title: "Drop samples with it",
        keys: "X",
        run: () => actions.transform(id, "ignore", name),
      },
      {
        id: "copy",
        title: "Copy name",
        keys: "C",
        icon: "copy",
        separated: true,
        run: () => actions.copy(name, "the name"),
      },
      ...(file ? [place] : []),
    ],
  });
}
