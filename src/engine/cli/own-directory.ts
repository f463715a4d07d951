import { dirname } from "node:path";
import { SystemError } from "../../base/errors.ts";
import { makeDirs } from "../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";

/** What decides who may change a directory's entries. Source: inode(7). */
export interface DirectoryFacts {
  readonly uid: number;
  readonly mode: number;
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Makes an ordinary user's directory of what runs. Sockets and pids in it are trusted, so nobody else may be able to put
 * another one there: the directory has to be the user's own, and what it lies in too, or root's. Throws EngineError.
 */
export function makeOwnDirectory(path: string, uid: number): void {
  const { lstatSync } = process.getBuiltinModule("node:fs");
  try {
    makeDirs(path, 0o700);
  } catch (error) {
    throw error instanceof SystemError ? refusal(error.message, uid) : error;
  }
  const above = dirname(path);
  const [own, parent] = [lstatSync(path), lstatSync(above)];
  if (!isOwn(own, uid)) throw refusal(`Cannot use the directory "${path}": ${facts(own)}`, uid);
  if (!isSafeParent(parent, uid)) throw refusal(`Cannot use a directory in "${above}": ${facts(parent)}`, uid);
}

export function isOwn({ uid: owner, mode }: DirectoryFacts, uid: number): boolean {
  return owner === uid && (mode & WRITABLE_BY_OTHERS) === 0;
}

/** Where others may write, the sticky bit keeps them from renaming what is not theirs. */
export function isSafeParent({ uid: owner, mode }: DirectoryFacts, uid: number): boolean {
  return (owner === uid || owner === 0) && ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0);
}

function facts({ uid, mode }: DirectoryFacts): string {
  return `it is that of user ${uid}, and its mode is ${(mode & 0o7777).toString(8)}`;
}

function refusal(message: string, uid: number): EngineError {
  return new EngineError(message, {
    code: "ERR_SYSTEM",
    exitStatus: EXIT_STATUS.engine,
    fix: `set XDG_RUNTIME_DIR to a directory of your own with the mode 700, such as /run/user/${uid}`,
  });
}
