import { type FunctionKind, kindAt } from "#core/model/profile.ts";

/** A row of any table of functions. */
interface FunctionTable {
  readonly strings: readonly string[];
  readonly length: number;
  readonly function: Int32Array;
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly line: Int32Array;
  readonly binary: Int32Array;
  readonly kind: Uint8Array;
}

export interface FunctionPlace {
  readonly name: string;
  readonly kind: FunctionKind;
  /** "http.c:412"; empty where unknown. */
  readonly at: string;
  readonly binary: string;
}

export function placeOf(table: FunctionTable, row: number): FunctionPlace {
  const file = textAt(table, table.file[row]);
  const line = table.line[row] ?? -1;
  return {
    name: textAt(table, table.name[row]),
    kind: kindAt(table.kind[row] ?? -1),
    at: file !== "" && line > 0 ? `${file}:${line}` : file,
    binary: textAt(table, table.binary[row]),
  };
}

function textAt(table: FunctionTable, index: number | undefined): string {
  return table.strings[index ?? -1] ?? "";
}

/** Row of a function, -1 when it is not in the table. */
export function rowOfFunction(table: FunctionTable, functionIndex: number): number {
  if (functionIndex < 0) return -1;
  return table.function.subarray(0, table.length).indexOf(functionIndex);
}

/** The last part of a path: "/usr/lib/libc.so.6" is "libc.so.6". Names that are no paths stay as they are. */
export function shortPath(path: string): string {
  return path.startsWith("/") || path.startsWith("file://") ? path.slice(path.lastIndexOf("/") + 1) : path;
}
