import { readText, realPath } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";
import type { EnginePaths } from "../base/paths.ts";
import { accountFiles } from "./build-bundle.ts";
import { checkPropagation } from "./check-propagation.ts";
import type { ContainerRecord } from "./record.ts";
import { resolveUser } from "./user.ts";
import { copyUp } from "./volumes.ts";

/**
 * Brings what is mounted in a container into the state that it is to find: volumes with options are mounted, empty ones get
 * what the image has there, and what was asked to be is given to the container's user. What the host cannot share is refused. Throws EngineError, SystemError.
 */
export async function prepareMounts(paths: EnginePaths, record: ContainerRecord, rootfs: string): Promise<void> {
  const shared = record.mounts.filter(({ Type, Propagation }) => Type === "bind" && /shared|slave/.test(Propagation));
  if (shared.length > 0) {
    const points = shared.map((point) => ({ ...point, Source: realPath(point.Source) }));
    checkPropagation(points, parseMountinfo(readText("/proc/self/mountinfo")));
  }
  for (const { Type, Name, Destination, Source, Options = [] } of record.mounts) {
    if (Type === "volume" && Name !== undefined) {
      await (await import("./mount-volume.ts")).mountVolume(paths, Name, record.id);
      if (!Options.includes("nocopy")) await copyUp(paths, Name, rootfs, Destination);
    }
    if (Type === "tmpfs" || !Options.includes("U")) continue;
    const { uid, gid } = resolveUser(record.config.User, record.hostConfig.GroupAdd, accountFiles(rootfs));
    (await import("./give-tree.ts")).giveTree(Source, { uid, gid });
  }
}
