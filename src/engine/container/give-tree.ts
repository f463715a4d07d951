import { S_IFDIR, S_IFMT } from "../../linux/file-modes.ts";
import { close } from "../../sys/descriptors.ts";
import { realPath } from "../../sys/files.ts";
import { changeTreeOwner, listTree, lookTree, openTree, type TreeFacts } from "../../sys/tree.ts";
import { EngineError } from "../base/errors.ts";

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What the machine itself lives in, and what others do; podman refuses the same. */
const NEVER_GIVEN: readonly string[] = ["bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt"]
  .concat(["opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var", "var/lib", "var/log"])
  .map((name) => `/${name}`);

/**
 * Makes a directory, or a file, with all that is in it another user's. Symbolic links are given and never followed. Throws
 * EngineError for a directory of the system, SystemError.
 */
export function giveTree(path: string, owner: Owner): void {
  const place = realPath(path);
  if (place === "/" || NEVER_GIVEN.includes(place)) {
    throw new EngineError(`Cannot give "${path}" to another user: it is a directory of the system`, {
      code: "ERR_USAGE",
      flag: "--volume",
      fix: "name a directory of your own, or leave :U away",
    });
  }
  const parent = openTree(place.slice(0, place.lastIndexOf("/") + 1));
  try {
    const name = Buffer.from(place.slice(place.lastIndexOf("/") + 1)).toString("latin1");
    const facts = lookTree(parent, name);
    if (facts !== undefined) give(parent, name, facts, owner);
  } finally {
    close(parent);
  }
}

function give(parent: number, name: string, facts: TreeFacts, owner: Owner): void {
  if ((facts.mode & S_IFMT) === S_IFDIR) {
    const { fd, entries } = listTree(parent, name);
    try {
      for (const entry of entries) give(fd, entry.name, entry, owner);
    } finally {
      close(fd);
    }
  }
  if (facts.uid !== owner.uid || facts.gid !== owner.gid) changeTreeOwner(parent, name, owner.uid, owner.gid);
}
