import type { RdtFacts } from "../plan/host-facts.ts";
import { readText, readTextIfExists } from "./files.ts";
import { parseMountinfo } from "./mountinfo.ts";

/**
 * Where resctrl is mounted, and what the class of this name has now; undefined on a host without it. `mountinfo` is a
 * mount table's text. Throws SystemError. Source: the kernel's Documentation/filesystems/resctrl.rst.
 */
export function probeRdt(closID: string, mountinfo = readText("/proc/self/mountinfo")): RdtFacts | undefined {
  const root = parseMountinfo(mountinfo, " - resctrl ")[0]?.mountpoint;
  if (root === undefined) return undefined;
  const schemata = readTextIfExists(closID === "/" ? `${root}/schemata` : `${root}/${closID}/schemata`);
  return { root, ...(schemata !== undefined && { schemata }) };
}
