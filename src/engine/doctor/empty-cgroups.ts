import { listSubdirectories, pathType, readText } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
import { CGROUP_PARENT } from "../config-builder/cgroups-path.ts";
import { cgroupMounts } from "../container/cgroup-mounts.ts";
import { listContainerIds } from "../container/store.ts";

/** Cgroups of containers that are not there any more, without a process, in every hierarchy. Source: cgroups(7). */
export function emptyCgroups(paths: EnginePaths): readonly string[] {
  const empty = [...new Set(cgroupMounts().values())]
    .map((mount) => `${mount}${CGROUP_PARENT}`)
    .filter((parent) => pathType(parent) === "directory")
    .flatMap((parent) => listSubdirectories(parent).map((name) => ({ name, path: `${parent}/${name}` })))
    .filter(({ name, path }) => /^[0-9a-f]{64}$/.test(name) && isEmpty(path));
  // Asked last: one that is being made now is known by then.
  const known = new Set(listContainerIds(paths));
  return empty.filter(({ name }) => !known.has(name)).map(({ path }) => path);
}

function isEmpty(path: string): boolean {
  try {
    if (readText(`${path}/cgroup.procs`) !== "") return false;
    return listSubdirectories(path).every((name) => isEmpty(`${path}/${name}`));
  } catch {
    // It has gone meanwhile, or is threaded: then it is in use.
    return false;
  }
}
