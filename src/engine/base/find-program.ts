/** Where programs are that the system has: PATH, and what an ordinary user's lacks. */
export const SEARCH_PATH = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

/** The absolute path of a program, or undefined. */
export function findProgram(name: string, searchPath: string = SEARCH_PATH): string | undefined {
  const { existsSync } = process.getBuiltinModule("node:fs");
  return searchPath
    .split(":")
    .map((directory) => `${directory}/${name}`)
    .find((file) => file.startsWith("/") && existsSync(file));
}
