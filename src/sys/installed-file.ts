/**
 * The path of a file that the build puts beside the executables: next to the engine that Bun compiled; else in dist/,
 * seen from src/sys/ or, compiled by tsc, build/src/sys/.
 */
export function installedFile(name: string): string {
  if (process.argv[1]?.startsWith("/$bunfs/")) {
    return `${process.execPath.slice(0, process.execPath.lastIndexOf("/"))}/${name}`;
  }
  const top = import.meta.filename.endsWith(".ts") ? "../.." : "../../..";
  return `${import.meta.dirname}/${top}/dist/${name}`;
}
