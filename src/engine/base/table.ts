/** Rows under their headers, in columns as wide as docker's: the widest cell and three spaces; ends with a newline. */
export function textTable(rows: readonly (readonly string[])[], minWidth = MIN_WIDTH): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell.padEnd(Math.max(minWidth, (widths[column] ?? 0) + GAP)),
      )
      .join("")
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** docker's columns are never narrower, with the gap, but for those of `top`. */
const MIN_WIDTH = 10;
const GAP = 3;
