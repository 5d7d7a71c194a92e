import type { Transform, TransformWhere } from "#core/model/transform.ts";

/** A filter as it is asked for in the dialog: of every type but those that need a call to point at. */
export const filterTypes = [
  "focus",
  "ignore",
  "hide",
  "show",
  "show-from",
  "prune-from",
  "tagfocus",
  "tagignore",
  "focus-function",
  "merge-function",
  "drop-function",
  "collapse-function",
  "collapse-recursion",
  "collapse-direct-recursion",
  "collapse-module",
] as const satisfies readonly Transform["type"][];
export type FilterType = (typeof filterTypes)[number];

export interface AskedFilter {
  readonly type: FilterType;
  readonly where: TransformWhere;
  readonly text: string;
}

export const placeWords: Readonly<Record<TransformWhere, string>> = {
  name: "Function",
  file: "File",
  binary: "Binary",
  any: "Any of these",
  kind: "Kind",
};

const names: readonly FilterType[] = [
  "focus-function",
  "merge-function",
  "drop-function",
  "collapse-function",
];
const places: readonly FilterType[] = ["focus", "ignore", "hide", "show", "show-from", "prune-from"];
/** An empty pattern means every function, or every binary. */
const mayBeEmpty: readonly FilterType[] = [
  "collapse-recursion",
  "collapse-direct-recursion",
  "collapse-module",
];

export const needsName = (type: FilterType): boolean => names.includes(type);
export const hasPlace = (type: FilterType): boolean => places.includes(type);
export const isLabelFilter = (type: FilterType): boolean => type === "tagfocus" || type === "tagignore";

const isAsked = (type: string): type is FilterType => (filterTypes as readonly string[]).includes(type);

/** The filter that is to be changed, or one to begin with. */
export function askedFilter(before: Transform | null, selectedName: string): AskedFilter {
  if (before === null || !isAsked(before.type)) return { type: "focus", where: "name", text: "" };
  const where = ("where" in before ? before.where : undefined) ?? "name";
  if ("pattern" in before) return { type: before.type, where, text: before.pattern };
  return { type: before.type, where, text: "function" in before ? before.function : selectedName };
}

/** null where something is missing. */
export function transformFrom({ type, where, text }: AskedFilter): Transform | null {
  if (text === "" && !mayBeEmpty.includes(type)) return null;
  switch (type) {
    case "focus-function":
    case "merge-function":
    case "drop-function":
    case "collapse-function":
      return { type, function: text };
    case "tagfocus":
    case "tagignore":
    case "collapse-recursion":
    case "collapse-direct-recursion":
    case "collapse-module":
      return { type, pattern: text };
    default:
      return where === "name" ? { type, pattern: text } : { type, pattern: text, where };
  }
}
