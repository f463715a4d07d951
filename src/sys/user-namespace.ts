import { readTextIfExists } from "./files.ts";

/** Whether this process is in another user namespace than the first, which maps every id to itself. Source: user_namespaces(7). */
export function isInUserNamespace(): boolean {
  const map = readTextIfExists("/proc/self/uid_map");
  return map !== undefined && !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}
