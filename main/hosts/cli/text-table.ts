/** Plain aligned columns for a terminal or a pipe. Control characters of names never reach the terminal. */

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this expression is for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A name as one line of visible text: escapes and direction marks cannot act on the terminal. */
export const visible = (text: string): string =>
  text.replace(unprintable, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** A text longer than this pushes what follows it to the right in its own line only. */
const WIDEST_TEXT = 60;

/** Lines of the table, without trailing blanks; the last column is cut so that a line fits `width`. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map(visible))];
  const widths = columns.map(({ align }, i) => {
    const widest = cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0);
    return align === "left" ? Math.min(widest, WIDEST_TEXT) : widest;
  });
  return cells.map((row) => {
    const line = columns
      .map((column, i) => {
        const cell = row[i] ?? "";
        return column.align === "right" ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
      })
      .join("  ")
      .trimEnd();
    return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line;
  });
}
