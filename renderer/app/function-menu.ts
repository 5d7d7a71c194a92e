import type { MenuAction } from "../widgets/menu.tsx";
import type { MenuPosition } from "../widgets/picture.ts";
import type { App } from "./app.ts";
import { copyTableAction, isInTable } from "./copy-table.ts";
import { keyOfView } from "./document-view.ts";
import { type FunctionFilter, functionFilters } from "./function-filters.ts";
import type { CallPath, ProfileDocument } from "./store/document.ts";

/** The function that a menu is about. */
export interface MenuSubject {
  readonly functionIndex: number;
  readonly name: string;
  /** Call node, -1 for none. */
  readonly node: number;
  /** null where the view shows no calls as the filters know them. */
  readonly path: CallPath | null;
  readonly file: string;
  /** Binary, else file. */
  readonly module: string;
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
  readonly binary: Int32Array;
  readonly node?: Int32Array;
  readonly parent?: Int32Array;
}

/** The calls that lead to a row of a tree; null where the table is none. */
export function pathOfRow(table: FunctionRows, row: number, inverted: boolean): CallPath | null {
  if (!table.parent) return null;
  const names: string[] = [];
  for (let at = row; at >= 0; at = table.parent[at] ?? -1) names.push(textAt(table, table.name[at]));
  return names.length === 0 ? null : { names: names.reverse(), inverted };
}

const textAt = ({ strings }: FunctionRows, index: number | undefined): string => strings[index ?? -1] ?? "";

/** `inverted`: which way up the view shows calls; null where its calls are not those of the selection. */
export function subjectOfRow(table: FunctionRows, row: number, inverted: boolean | null = null): MenuSubject {
  const file = textAt(table, table.file[row]);
  return {
    functionIndex: table.function[row] ?? -1,
    name: textAt(table, table.name[row]),
    node: table.node?.[row] ?? -1,
    path: inverted === null ? null : pathOfRow(table, row, inverted),
    file,
    module: textAt(table, table.binary[row]) || file,
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
  const { functionIndex, name, node, path, file, module, line } = subject;
  const { id } = document;
  if (functionIndex < 0) return;
  actions.pick(id, functionIndex, node, name, path);
  const shows = app.views
    .filter((view) => view.showsFunction && view.id !== document.tab && view.when?.(document) !== false)
    .map(
      (view): MenuAction => ({
        id: `show-${view.id}`,
        title: `Show in: ${view.longTitle ?? view.title}`,
        keys: view.id === "source" ? "S" : keyOfView(app.views, view),
        run: () => store.getState().patchDocument(id, { tab: view.id }),
      }),
    );
  const entries = (filters: readonly FunctionFilter[]): readonly MenuAction[] =>
    filters.flatMap(({ type, title, key, separated = false, make }) => {
      const transform = make({ name, path, module });
      return transform === null
        ? []
        : [{ id: type, title, keys: key, separated, run: () => actions.transform(id, transform) }];
    });
  const rare = entries(functionFilters.filter((each) => each.rare));
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
      ...entries(functionFilters.filter(({ rare }) => !rare)),
      ...(rare.length > 0
        ? [{ id: "more", title: "More filters", actions: rare, run: () => undefined }]
        : []),
      {
        id: "copy",
        title: "Copy name",
        keys: "C",
        icon: "copy",
        separated: true,
        run: () => actions.copy(name, "the name"),
      },
      ...(file ? [place] : []),
      ...(isInTable() ? [copyTableAction(app)] : []),
    ],
  });
}
