import type { Selection } from "#core/model/query.ts";
import {
  BadWords,
  selectionFlags,
  selectionFrom,
  transformsOf as transformsFrom,
} from "#core/model/selection-words.ts";
import type { InfoTable } from "#core/model/tables.ts";
import type { Transform } from "#core/model/transform.ts";
import { type Options, type Parsed, UsageError } from "./command.ts";

export { noTimes, selectionHelp } from "#core/model/selection-words.ts";

/** Flags that choose what is counted, the same for every command that asks about a file. */
export const selectionOptions: Options = Object.fromEntries(
  selectionFlags.map(({ name, hasValue, isMany }) => [
    name,
    { type: hasValue ? "string" : "boolean", ...(isMany ? { multiple: true } : {}) } as const,
  ]),
);

export const memberHelp = [
  "--member NAME",
  "which profile of a folder or an archive",
] as const satisfies readonly [string, string];

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
