import { USER_NAMESPACE_SYSCTLS } from "../linux/user-namespace-sysctls.ts";
import type { IdRange, RootlessFacts, SubordinateIds, SubordinateRange } from "../plan/host-facts.ts";
import { pathType, readTextIfExists } from "./files.ts";
import { userName } from "./user.ts";

/** What decides whether a user can make a user namespace, and with which ids. Throws SystemError. */
export function probeRootless(uid: number): RootlessFacts {
  const isInFiles = subidsAreInFiles(readTextIfExists("/etc/nsswitch.conf") ?? "");
  return {
    user: userName(uid),
    uid: subordinateIds("newuidmap", "/etc/subuid", isInFiles),
    gid: subordinateIds("newgidmap", "/etc/subgid", isInFiles),
    sysctls: readSysctls(),
  };
}

function subordinateIds(name: string, file: string, isInFiles: boolean): SubordinateIds {
  const program = findInPath(name, process.env.PATH);
  return {
    ...(program !== undefined && { program }),
    ...(isInFiles && { ranges: parseSubids(readTextIfExists(file) ?? "") }),
  };
}

function readSysctls(): RootlessFacts["sysctls"] {
  return Object.fromEntries(
    USER_NAMESPACE_SYSCTLS.flatMap((name) => {
      const text = readTextIfExists(`/proc/sys/${name.replaceAll(".", "/")}`);
      return text === undefined ? [] : [[name, text.trim()]];
    }),
  );
}

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

/** The lines "user:first:count" of /etc/subuid or /etc/subgid; others are left out. Source: subuid(5). */
export function parseSubids(text: string): readonly SubordinateRange[] {
  return text.split("\n").flatMap((line) => {
    const [owner = "", first = "", count = ""] = line.split(":");
    if (owner === "" || !isNumber(first) || !isNumber(count)) return [];
    return [{ owner, first: Number(first), count: Number(count) }];
  });
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Where a directory service gives out the ranges, the files do not tell which. Source: subuid(5). */
export function subidsAreInFiles(nsswitch: string): boolean {
  const line = nsswitch.split("\n").find((entry) => entry.startsWith("subid:"));
  return line === undefined || line.slice("subid:".length).trim() === "files";
}

/** The ids inside a user namespace, of its uid_map or gid_map. Source: user_namespaces(7). */
export function parseIdMap(text: string): readonly IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [first = "", , count = ""] = line.trim().split(/\s+/);
    return first === "" ? [] : [{ first: Number(first), count: Number(count) }];
  });
}
