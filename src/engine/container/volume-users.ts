import type { EnginePaths } from "../base/paths.ts";
import { listContainers } from "./store.ts";

/** The ids of the containers that have a volume mounted, whether they run or not. */
export function volumeUsers(paths: EnginePaths, name: string, warn: (message: string) => void): readonly string[] {
  return listContainers(paths, warn)
    .filter(({ mounts }) => mounts.some((mount) => mount.Name === name))
    .map(({ id }) => id);
}
