/** Rows under their headers, in columns as wide as their widest cell and three spaces apart; ends with a newline. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + GAP)))
      .join("")
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join("");
}

const GAP = 3;
