import type { Selection } from "#core/model/query.ts";
import {
  BadWords,
  selectionFlags,
  selectionFrom,
  transformsOf as transformsFrom,
} from "#core/model/selection-words.ts";
import type { InfoTable } from "#core/model/tables.ts";
import type { Transform } from "#core/model/transform.ts";
import { compareFlags, viewFlags } from "#core/model/view-words.ts";
import { type Options, type Parsed, parseWords, UsageError } from "./command.ts";

export { noTimes, selectionHelp } from "#core/model/selection-words.ts";

/** Flags that choose what is counted, the same for every command that asks about a file. */
export const selectionOptions: Options = Object.fromEntries(
  selectionFlags.map(({ name, hasValue, isMany }) => [
    name,
    { type: hasValue ? "string" : "boolean", ...(isMany ? { multiple: true } : {}) } as const,
  ]),
);

/** What else is on the screen of the workbench. */
const optionsOf = (flags: typeof viewFlags): Options =>
  Object.fromEntries(
    flags.map(({ name, hasValue, isMany }) => [
      name,
      { type: hasValue ? "string" : "boolean", ...(isMany ? { multiple: true } : {}) } as const,
    ]),
  );
export const viewOptions: Options = optionsOf(viewFlags);
export const compareOptions: Options = optionsOf(compareFlags);

export const memberHelp = [
  "--member NAME",
  "which profile of a folder or an archive",
] as const satisfies readonly [string, string];

/**
 * Words of a command that asks about one file: its own flags, what is selected, which member, as JSON; and a view that was copied
 * from the workbench, of which it uses what it has a meaning for.
 */
export function parseQuery(args: readonly string[], own: Options, hasJson = true): Parsed {
  const asked: Options = {
    ...(hasJson ? { json: { type: "boolean" } } : {}),
    member: { type: "string" },
    ...selectionOptions,
    ...own,
  };
  const isPasted = args.some((word) => word === "--view" || word.startsWith("--view="));
  if (!isPasted) return parseWords(args, asked);
  const parsed = parseWords(args, { ...viewOptions, ...asked });
  // What a table is searched for, it is filtered by.
  const { filter = parsed.values.search } = parsed.values;
  return "filter" in own ? { ...parsed, values: { ...parsed.values, filter } } : parsed;
}

/** Filters and transforms in the order of the words. */
export const transformsOf = (parsed: Parsed): readonly Transform[] =>
  usage(() => transformsFrom(parsed.given));

/** What the flags select of a profile. */
export const selectionOf = (parsed: Parsed, info: InfoTable): Partial<Selection> =>
  usage(() => selectionFrom(parsed.given, info));

function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof BadWords ? new UsageError(error.message) : error;
  }
}
