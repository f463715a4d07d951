/** Folders of src/ in the order in which imports may flow: a file imports its own folder and those of earlier rows. */
const LAYERS: readonly (readonly string[])[] = [
  ["base"],
  ["linux"],
  ["config"],
  ["seccomp", "cgroup"],
  ["plan"],
  ["sys"],
  ["state"],
  ["apply"],
  ["runtime"],
  ["cli"],
  ["engine"],
  ["bin", "tools"],
];

/** Compilers and tables: no file, process, clock or environment is within their reach. */
const PURE_FOLDERS: readonly string[] = ["base", "linux", "config", "seccomp", "cgroup", "plan"];

/** What these folders may see of the layers from `state` to `runtime`: the public interface. */
const PUBLIC_ONLY: readonly string[] = ["cli", "engine", "bin"];
const BEHIND_PUBLIC: readonly string[] = ["state", "apply", "runtime"];
const PUBLIC_INTERFACE = "runtime/index.ts";

const FFI_PACKAGE = "koffi";
const FFI_FILE = "sys/ffi.ts";

export interface ImportStatement {
  /** The importing file, relative to src/: "plan/build.ts". */
  readonly from: string;
  /** What it names: a file relative to src/, "node:fs", or a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

/** The rule that an import breaks, in words, or undefined. `to` of a file begins with a folder of src/. */
export function brokenImportRule(statement: ImportStatement): string | undefined {
  const folder = folderOf(statement.from);
  if (layerOf(folder) === -1) return `the folder "${folder}" is in no layer`;
  return layerOf(folderOf(statement.to)) === -1
    ? brokenPackageRule(statement, folder)
    : brokenFolderRule(statement, folder);
}

function brokenPackageRule({ from, to, isTypeOnly }: ImportStatement, folder: string): string | undefined {
  if (to === FFI_PACKAGE && from !== FFI_FILE) return `only ${FFI_FILE} imports ${FFI_PACKAGE}`;
  if (isTypeOnly || !PURE_FOLDERS.includes(folder)) return undefined;
  return to.startsWith("node:") || to.startsWith("bun") ? `${folder} is pure` : undefined;
}

function brokenFolderRule({ from, to }: ImportStatement, folder: string): string | undefined {
  const target = folderOf(to);
  if (target === folder) return undefined;
  if (layerOf(target) >= layerOf(folder)) return `${folder} may not import ${target}`;
  if (PUBLIC_ONLY.includes(folder) && BEHIND_PUBLIC.includes(target) && to !== PUBLIC_INTERFACE) {
    return `${from} may import no more of ${target} than ${PUBLIC_INTERFACE}`;
  }
  return undefined;
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.indexOf("/")));
}
