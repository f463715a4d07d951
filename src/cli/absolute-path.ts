/**
 * The path as seen from a directory, without ".", ".." and doubled slashes. ".." is taken by name, as a shell's `cd`
 * does, so that a symbolic link before it is not followed. No node:path: loading it costs 0.65 ms.
 */
export function absolutePath(cwd: string, path: string): string {
  const kept: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${cwd}/${path}`).split("/")) {
    if (name === "..") kept.pop();
    else if (name !== "" && name !== ".") kept.push(name);
  }
  return `/${kept.join("/")}`;
}
