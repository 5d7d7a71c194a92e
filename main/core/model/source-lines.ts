import { type Assembly, linesOfAssembly } from "./assembly.ts";
import type { SourceTable } from "./tables.ts";

/** One line of a source file and what it cost. */
export interface SourceLine {
  readonly line: number;
  readonly self: number;
  readonly total: number;
}

/**
 * The lines of a file that cost something, in order: as the frames of the profile say, or, where those only have
 * addresses, as the debug information of their instructions does.
 */
export function sourceLines(
  table: SourceTable,
  assembly: Assembly | null,
  file: string,
): readonly SourceLine[] {
  if (table.length > 0 && file === table.file)
    return Array.from({ length: table.length }, (_, row) => ({
      line: table.line[row] ?? 0,
      self: table.lineSelf[row] ?? 0,
      total: table.lineTotal[row] ?? 0,
    }));
  if (!assembly) return [];
  return [...linesOfAssembly(assembly, file)]
    .map(([line, cost]) => ({ line, ...cost }))
    .sort((a, b) => a.line - b.line);
}

/** First and last line of what is worth showing of a function: its own costs and where it begins. */
export function extentOf(
  table: SourceTable,
  assembly: Assembly | null,
  file: string,
): readonly [first: number, last: number] | null {
  const own =
    table.length > 0 && file === table.file
      ? Array.from({ length: table.length }, (_, row) => row)
          .filter((row) => table.strings[table.lineFunction[row] ?? -1] === table.function)
          .map((row) => table.line[row] ?? 0)
      : (assembly?.instructions ?? [])
          .filter((each) => assembly?.files[each.file] === file && each.line > 0)
          .map(({ line }) => line);
  const lines = table.startLine > 0 && file === table.file ? [table.startLine, ...own] : own;
  if (lines.length === 0) return null;
  return [lines.reduce((a, b) => Math.min(a, b)), lines.reduce((a, b) => Math.max(a, b))];
}
