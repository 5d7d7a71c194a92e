import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";

/** A table of a Firefox profile, whichever way it lies in the file. */
export interface GeckoTable {
  readonly length: number;
  has(column: string): boolean;
  at(row: number, column: string): JsonValue | undefined;
}

/** Rows under a schema of column numbers, as Firefox writes them itself. */
function rowTable(table: JsonObject): GeckoTable {
  const schema = jsonObject(table.schema);
  const data = jsonArray(table.data);
  const place = (column: string): number => jsonNumber(schema[column], -1);
  return {
    length: data.length,
    has: (column) => place(column) >= 0,
    at: (row, column) => jsonArray(data[row])[place(column)],
  };
}

/** A list a column, as the processed form has it. */
function columnTable(table: JsonObject): GeckoTable {
  const lists = new Map<string, readonly JsonValue[]>();
  for (const [name, value] of Object.entries(table)) if (Array.isArray(value)) lists.set(name, value);
  const longest = [...lists.values()].reduce((most, list) => Math.max(most, list.length), 0);
  return {
    length: Math.min(jsonNumber(table.length, longest), longest),
    has: (column) => lists.has(column),
    at: (row, column) => lists.get(column)?.[row],
  };
}

export function geckoTable(value: JsonValue | undefined): GeckoTable {
  const table = jsonObject(value);
  return table.schema === undefined ? columnTable(table) : rowTable(table);
}

/** An index into another table, or -1. */
export function geckoIndex(table: GeckoTable, row: number, column: string): number {
  const index = jsonNumber(table.at(row, column), -1);
  return Number.isInteger(index) && index >= 0 ? index : -1;
}

/** Where a piece of code lies, and the library's place in memory while it was recorded. */
export interface GeckoLibrary {
  readonly path: string;
  readonly buildId: string;
  readonly start: number;
  readonly end: number;
}

export const geckoLibraries = (value: JsonValue | undefined): readonly GeckoLibrary[] =>
  jsonArray(value).map((each) => {
    const library = jsonObject(each);
    return {
      path: jsonText(library.path) || jsonText(library.name) || jsonText(library.debugName),
      buildId: jsonText(library.codeId) || jsonText(library.breakpadId),
      start: jsonNumber(library.start, 0),
      end: jsonNumber(library.end, 0),
    };
  });
