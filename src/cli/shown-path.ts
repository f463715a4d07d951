/** The path from the current directory if it lies below it, and otherwise as it is. */
export function shownPath(path: string, cwd: string): string {
  const below = cwd === "/" ? cwd : `${cwd}/`;
  return path.startsWith(below) ? path.slice(below.length) : path;
}
