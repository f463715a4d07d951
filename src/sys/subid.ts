import { USER_NAMESPACE_SYSCTLS } from "../linux/user-namespace-sysctls.ts";
import type { IdRange, RootlessFacts, SubordinateIds, SubordinateRange } from "../plan/host-facts.ts";
import { readTextIfExists } from "./files.ts";
import { findInPath } from "./find-in-path.ts";
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
