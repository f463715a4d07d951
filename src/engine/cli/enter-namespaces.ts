import { openFile } from "../../sys/files.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { callersNofile, execFd } from "../../sys/processes.ts";
import { type EnginePaths, holderFile } from "../base/paths.ts";
import { type IdMap, userIdMaps } from "../base/user-ids.ts";
import { makeOwnDirectory } from "./own-directory.ts";

const PROGRAM = "mydocker-enter";

/**
 * Becomes the same command line as root of the ordinary user's namespaces, which are made by the first one. Returns only by
 * throwing SystemError. Source: native/enter.c.
 */
export function enterUserNamespace(paths: EnginePaths, words: readonly string[]): never {
  const uid = process.geteuid?.() ?? 0;
  makeOwnDirectory(paths.run, uid);
  const maps = userIdMaps(uid, process.getegid?.() ?? 0);
  become([`user=${holderFile(paths)}`, ...maps.flatMap(mapWords)], paths, words);
}

/** Becomes a command line in a mount namespace of its own. Returns only by throwing SystemError. */
export function enterOwnMounts(paths: EnginePaths, words: readonly string[]): never {
  become(["mounts"], paths, words, [`${OWN_MOUNTS}=${process.pid}`]);
}

/** Names the process that has such a namespace: the variable is handed on to children, and the namespace as well. */
const OWN_MOUNTS = "MYDOCKER_OWN_MOUNTS";

/** Whether this process has become what it is by enterOwnMounts. */
export function hasOwnMounts(): boolean {
  return process.env[OWN_MOUNTS] === String(process.pid);
}

function mapWords({ program, mappings }: IdMap): readonly string[] {
  const numbers = mappings.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size].map(String));
  return [`map=${numbers.length + 1}`, program, ...numbers];
}

function become(
  how: readonly string[],
  { root, run }: EnginePaths,
  words: readonly string[],
  variables: readonly string[] = [],
): never {
  // The paths of the user that the caller was.
  const self = [installedFile("mydocker"), "--root", root, "--run-root", run];
  const failed = [...self, "enter-failed"];
  execFd({
    fd: openFile(installedFile(PROGRAM), 0),
    argv: [PROGRAM, ...how, `failed=${failed.length}`, ...failed, "--", ...self, ...words],
    env: [...Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ""}`), ...variables],
    keepFds: [],
    nofile: callersNofile(process.env.MYDOCKER_NOFILE),
  });
}
