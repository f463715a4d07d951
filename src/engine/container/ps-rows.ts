/** The cells of what ps(1) prints: the last column of each line is all that is left of it. Pure. */
export function psRows(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line !== "");
  const count = wordsOf(lines[0] ?? "").length;
  return lines.map((line) => {
    const words = wordsOf(line);
    return [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
  });
}

function wordsOf(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}
