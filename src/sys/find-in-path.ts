import { pathType } from "./files.ts";

/** What a shell without a PATH searches. Source: execvp(3). */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The absolute path of a program; undefined where no directory of the list has it. */
export function findInPath(name: string, path = DEFAULT_PATH): string | undefined {
  const files = path
    .split(":")
    .filter((directory) => directory.startsWith("/"))
    .map((directory) => `${directory}/${name}`);
  return files.find(isProgram);
}

/** A directory of the list that may not be searched has nothing for this user. */
function isProgram(path: string): boolean {
  try {
    const type = pathType(path);
    return type === "file" || type === "symlink";
  } catch {
    return false;
  }
}
