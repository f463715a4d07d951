import { readTextIfExists } from "./files.ts";

/** Whether this process is in another user namespace than the first, which maps every id to itself. Source: user_namespaces(7). */
export function isInUserNamespace(): boolean {
  known ??= isOther(readTextIfExists("/proc/self/uid_map"));
  return known;
}

/** A process of several threads cannot change it. Source: unshare(2). */
let known: boolean | undefined;

function isOther(map: string | undefined): boolean {
  return map !== undefined && !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}
