import type { FunctionKind } from "#core/model/profile.ts";

/** A name longer than this is cut before it reaches the page: hostile names have 10,000 characters. */
const longestLabel = 240;

/** Sign before a name, so that the kind can be told without colour. */
const kindSigns: Readonly<Partial<Record<FunctionKind, string>>> = {
  kernel: "◆",
  gc: "⟳",
  idle: "◌",
  runtime: "◇",
};
export const inlinedSign = "↳";

export function kindSign(kind: FunctionKind): string {
  return kindSigns[kind] ?? "";
}

const kindTitles: Readonly<Record<FunctionKind, string>> = {
  native: "native",
  kernel: "kernel",
  python: "Python",
  java: "Java",
  go: "Go",
  node: "JavaScript",
  jit: "JIT",
  ruby: "Ruby",
  runtime: "runtime",
  gc: "garbage collector",
  idle: "idle",
  unknown: "unknown",
  root: "all",
};

export function kindTitle(kind: FunctionKind): string {
  return kindTitles[kind];
}

/** One line, whatever the name holds: line breaks and control characters would break the row. */
export function plainName(name: string): string {
  const short = name.length > longestLabel ? `${name.slice(0, longestLabel)}…` : name;
  const plain = short.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ").trim();
  return plain === "" ? "(no name)" : plain;
}

interface PlacedRows {
  readonly strings: readonly string[];
  readonly file: Int32Array;
  readonly line: Int32Array;
}

/** "http.c:412", "http.c", or nothing. */
export function placeText(table: PlacedRows, row: number): string {
  const file = row < 0 ? "" : (table.strings[table.file[row] ?? -1] ?? "");
  const line = table.line[row] ?? -1;
  return file !== "" && line > 0 ? `${file}:${line}` : file;
}
