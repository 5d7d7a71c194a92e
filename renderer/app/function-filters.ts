import type { Transform } from "#core/model/transform.ts";
import { exactPattern } from "./selection.ts";
import { type CallPath, type ProfileDocument, rowOfFunction, slotOf } from "./store/document.ts";
import { transformWords } from "./transform-words.ts";

/** What a filter can be made of: a function, and where it was clicked. */
export interface FilterSubject {
  readonly name: string;
  readonly path: CallPath | null;
  /** Its binary, or its file where there is none; "" where neither is known. */
  readonly module: string;
}

/** One way to filter by a function: an entry of its menu, a command, a key. */
export interface FunctionFilter {
  readonly type: Transform["type"];
  readonly title: string;
  readonly key: string;
  /** A line above it in the menu. */
  readonly separated?: boolean;
  /** Not in the first list of the menu. */
  readonly rare?: boolean;
  /** null where it does not make sense. */
  readonly make: (subject: FilterSubject) => Transform | null;
}

const byPattern =
  (type: "focus" | "ignore" | "hide" | "show" | "show-from" | "prune-from") =>
  ({ name }: FilterSubject): Transform => ({ type, pattern: exactPattern(name) });
const byName =
  (type: "focus-function" | "merge-function" | "drop-function" | "collapse-function") =>
  ({ name }: FilterSubject): Transform => ({ type, function: name });
const byExact =
  (type: "collapse-recursion" | "collapse-direct-recursion") =>
  ({ name }: FilterSubject): Transform => ({ type, pattern: exactPattern(name) });

const all: readonly Omit<FunctionFilter, "title">[] = [
  { type: "focus", key: "F", separated: true, make: byPattern("focus") },
  { type: "focus-function", key: "Shift+F", make: byName("focus-function") },
  { type: "ignore", key: "X", make: byPattern("ignore") },
  { type: "hide", key: "H", make: byPattern("hide") },
  { type: "collapse-function", key: "K", make: byName("collapse-function") },
  {
    type: "focus-subtree",
    key: "Shift+S",
    rare: true,
    make: ({ path }) =>
      path === null
        ? null
        : { type: "focus-subtree", path: [...path.names], ...(path.inverted ? { inverted: true } : {}) },
  },
  {
    type: "merge-node",
    key: "Shift+N",
    rare: true,
    make: ({ path }) =>
      path === null || path.inverted ? null : { type: "merge-node", path: [...path.names] },
  },
  { type: "merge-function", key: "Shift+M", rare: true, make: byName("merge-function") },
  { type: "drop-function", key: "D", rare: true, make: byName("drop-function") },
  { type: "show", key: "Shift+H", rare: true, separated: true, make: byPattern("show") },
  { type: "show-from", key: "Shift+A", rare: true, make: byPattern("show-from") },
  { type: "prune-from", key: "Shift+B", rare: true, make: byPattern("prune-from") },
  {
    type: "collapse-recursion",
    key: "Shift+R",
    rare: true,
    separated: true,
    make: byExact("collapse-recursion"),
  },
  {
    type: "collapse-direct-recursion",
    key: "Shift+D",
    rare: true,
    make: byExact("collapse-direct-recursion"),
  },
  {
    type: "collapse-module",
    key: "Shift+K",
    rare: true,
    make: ({ module }) => (module === "" ? null : { type: "collapse-module", pattern: exactPattern(module) }),
  },
];

export const functionFilters: readonly FunctionFilter[] = all.map((each) => ({
  ...each,
  title: transformWords[each.type].title,
}));

/** The selected function, as filters are made of it. */
export function selectedSubject(document: ProfileDocument): FilterSubject {
  const { selectedName: name, selectedPath: path, selectedFunction } = document;
  const { table } = slotOf(document, "top/picked");
  const row = table ? rowOfFunction(table, selectedFunction) : -1;
  const text = (index: number | undefined): string => table?.strings[index ?? -1] ?? "";
  return { name, path, module: row < 0 ? "" : text(table?.binary[row]) || text(table?.file[row]) };
}
