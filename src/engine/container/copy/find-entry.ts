import { S_IFDIR, S_IFLNK, S_IFMT } from "../../../linux/file-modes.ts";
import { OPEN_DIRECTORY } from "../../../linux/open-flags.ts";
import { close } from "../../../sys/descriptors.ts";
import { openInRoot } from "../../../sys/files.ts";
import { fromByteString, lookTree, readTreeLink, type TreeFacts, toByteString } from "../../../sys/tree.ts";
import { EngineError } from "../../base/errors.ts";
import { isErrno } from "../store.ts";
import { cleanPath, splitPath } from "./copy-place.ts";

/** An entry of a directory; whoever found it closes the directory. */
export interface FoundEntry {
  readonly parent: number;
  /** "." for the directory itself. */
  readonly name: string;
  readonly facts: TreeFacts | undefined;
}

const ENOENT = 2;
const ENOTDIR = 20;
/** As the kernel's. */
const MAX_LINKS = 40;

/**
 * Finds what a path means below a root, which no symbolic link leads out of; with `follows` also the last one is followed.
 * undefined where a directory of the path is missing. Throws SystemError.
 */
export function findEntry(root: string, path: string, follows: boolean): FoundEntry | undefined {
  let current = cleanPath(path);
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const found = look(root, current);
    if (found?.facts === undefined || !follows || (found.facts.mode & S_IFMT) !== S_IFLNK) return found;
    const target = fromByteString(readTreeLink(found.parent, found.name));
    close(found.parent);
    current = cleanPath(target.startsWith("/") ? target : `${splitPath(current)[0]}/${target}`);
  }
  throw new EngineError(`Cannot follow "${path}": too many symbolic links`);
}

function look(root: string, path: string): FoundEntry | undefined {
  const [directory, base] = splitPath(path);
  const parent = openDirectoryInRoot(root, directory);
  if (parent === undefined) return undefined;
  const name = base === "" ? "." : toByteString(base);
  try {
    return { parent, name, facts: lookTree(parent, name) };
  } catch (error) {
    close(parent);
    throw error;
  }
}

/** A directory below a root; undefined where it is missing or none. The caller closes it. */
export function openDirectoryInRoot(root: string, path: string): number | undefined {
  try {
    return openInRoot(root, path, OPEN_DIRECTORY);
  } catch (error) {
    if (isErrno(error, ENOENT) || isErrno(error, ENOTDIR)) return undefined;
    throw error;
  }
}

export function isDirectory(facts: TreeFacts): boolean {
  return (facts.mode & S_IFMT) === S_IFDIR;
}
