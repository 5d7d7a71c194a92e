/** Rows that are asked for at a time, how near to their end the next ones are, and what windows begin at. */
export const windowRows = 1_000;
const nearRows = 200;
const stepRows = 400;

/** The window that holds rows with room on both sides: the same as before where that still does. */
export function windowAround(first: number, last: number, offset: number, rowsInAll: number): number {
  const isNear =
    (first < offset + nearRows && offset > 0) ||
    (last > offset + windowRows - nearRows && offset + windowRows < rowsInAll);
  if (!isNear) return offset;
  const middle = (first + last) / 2 - windowRows / 2;
  return Math.max(0, Math.round(middle / stepRows) * stepRows);
}
