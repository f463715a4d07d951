import { SystemError } from "../../base/errors.ts";
import { errnoName } from "../../linux/errno.ts";
import { S_IFCHR, S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import { listTree, openTree, readTreeXattrs, removeInTree, type TreeEntry } from "../../sys/tree.ts";

/** Removes from a copy of the layers below what a layer hides: whiteouts, opaque directories, files over directories. */
export function hideBelow(layer: string, copy: string): void {
  const [from, to] = [openTree(layer), openTree(copy)];
  try {
    hideIn(from, ".", to, "");
  } finally {
    close(from);
    close(to);
  }
}

function hideIn(parent: number, name: string, copy: number, prefix: string): void {
  const { fd, entries } = listTree(parent, name);
  try {
    for (const entry of entries) {
      const path = `${prefix}${entry.name}`;
      const isDirectory = (entry.mode & S_IFMT) === S_IFDIR;
      if (isWhiteoutEntry(entry) || (isDirectory && isOpaqueEntry(fd, entry))) removeIfThere(copy, path);
      else if (isDirectory) hideIn(fd, entry.name, copy, `${path}/`);
    }
  } finally {
    close(fd);
  }
}

/** What lies above a name can be a file or a link by then, which the layer replaces as a whole. */
function removeIfThere(copy: number, path: string): void {
  try {
    removeInTree(copy, path);
  } catch (error) {
    const gone = ["ENOENT", "ENOTDIR", "EXDEV", "ELOOP"];
    if (!(error instanceof SystemError) || !gone.includes(errnoName(error.failure.errno))) throw error;
  }
}

export function isWhiteoutEntry({ mode, major, minor }: TreeEntry): boolean {
  return (mode & S_IFMT) === S_IFCHR && major === 0 && minor === 0;
}

/** Whether a directory of a layer hides all of the one below it. */
export function isOpaqueEntry(directory: number, entry: TreeEntry): boolean {
  if (!entry.hasXattrs) return false;
  const marks = readTreeXattrs(directory, entry.name).filter(({ name }) => /^(trusted|user)\.\w+\.opaque$/.test(name));
  return marks.some(({ value }) => Buffer.from(value).toString() === "y");
}
