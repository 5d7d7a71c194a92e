export const number = (value: number): string =>
  value >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : value >= 10
      ? value.toFixed(0)
      : value.toFixed(2);

export function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
  );
  return `\n${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}
