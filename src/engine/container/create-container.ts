import { createFile, makeDirs, pathType, realPath } from "../../sys/files.ts";
import { EngineError } from "../base/errors.ts";
import { newObjectId } from "../base/object-id.ts";
import { withObjectLock } from "../base/object-lock.ts";
import { parseSize } from "../base/parse-size.ts";
import type { ImageId, ImageRunConfig } from "../image/image.ts";
import { createRootfs, removeRootfs } from "../storage/rootfs-store.ts";
import { checkLimits } from "./check-limits.ts";
import { commandOf } from "./command-of.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import { logFiles } from "./log-files.ts";
import { mountPoints } from "./mount-points.ts";
import { randomName } from "./random-name.ts";
import { type ContainerRecord, type NetworkingRequest, NOT_STARTED } from "./record.ts";
import { runtimeDriver } from "./runtime-driver.ts";
import { claimContainer, findContainer, removeContainerFiles, removeLock, writeContainer } from "./store.ts";
import { timezoneFile } from "./timezone-file.ts";
import { ensureVolume } from "./volumes.ts";

export interface CreateRequest {
  /** The name that was asked for. */
  readonly name: string | undefined;
  readonly source: { readonly image: ImageId } | { readonly rootfs: string };
  readonly configFor: (id: string) => ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingRequest;
}

/** Makes a container that does not run yet. On failure nothing is left. Throws EngineError, SystemError. */
export async function createContainer(context: EngineContext, request: CreateRequest): Promise<ContainerRecord> {
  const { paths } = context;
  const id = newObjectId();
  const config = request.configFor(id);
  if (commandOf(config).length === 0)
    throw new EngineError("Missing container command", { code: "ERR_USAGE", exitStatus: 125 });
  // Locked before it is there: what has no record and no lock is a leftover.
  return await withObjectLock(paths, "container", id, async () => {
    const name = claim(context, id, request.name);
    try {
      return await fill(context, request, { id, name, config });
    } catch (error) {
      await removeRootfs(paths, id);
      removeContainerFiles(paths, { id, name });
      throw error;
    }
  });
}

interface Begun {
  readonly id: string;
  readonly name: string;
  readonly config: ContainerConfig;
}

async function fill(
  context: EngineContext,
  request: CreateRequest,
  { id, name, config }: Begun,
): Promise<ContainerRecord> {
  const { paths, cwd } = context;
  const { hostConfig, source, networking } = request;
  // What cannot be is refused now.
  runtimeDriver(paths, hostConfig.Runtime, context.warn);
  checkLimits(hostConfig);
  if (hostConfig.Timezone !== undefined) timezoneFile(hostConfig.Timezone);
  const size = hostConfig.StorageOpt.size;
  await createRootfs(paths, {
    containerId: id,
    ...("image" in source ? { image: source.image } : { rootfs: source.rootfs }),
    ...(size !== undefined && { storageSizeBytes: parseSize(size, "--storage-opt size") }),
    isEphemeral: hostConfig.AutoRemove,
  });
  const others = hostConfig.VolumesFrom.map((text) => {
    const [word = "", mode = ""] = text.split(":");
    return { record: findContainer(paths, word), mode };
  });
  const bare: ContainerRecord = {
    id,
    name,
    created: new Date().toISOString(),
    ...("image" in source ? { imageId: source.image } : { rootfs: source.rootfs }),
    config,
    hostConfig,
    networking,
    mounts: [],
    life: NOT_STARTED,
  };
  // Its options are checked now, before volumes are made.
  logFiles(paths, bare);
  const { Config } = hostConfig.LogConfig;
  if (Config.tag) (await import("./log-details.ts")).logDetails(bare, Config);
  const record = { ...bare, mounts: await mountPoints({ paths, config, hostConfig, others, cwd }) };
  writeContainer(paths, record);
  // From here on its volumes are in use; what was removed before that is made again.
  for (const { Type, Name, IsAnonymous = false } of record.mounts) {
    if (Type === "volume" && Name !== undefined) await ensureVolume(paths, { name: Name, isAnonymous: IsAnonymous });
  }
  noteContainerEvent(paths, record, "create");
  return record;
}

function claim({ paths }: EngineContext, id: string, wanted: string | undefined): string {
  if (wanted !== undefined) {
    const name = wanted.replace(/^\//, "");
    try {
      claimContainer(paths, id, name);
    } catch (error) {
      removeLock(paths, id);
      throw error;
    }
    return name;
  }
  for (;;) {
    const name = randomName();
    try {
      claimContainer(paths, id, name);
      return name;
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "ERR_CONFLICT") throw error;
    }
  }
}

/** The directory for --rootfs. Throws EngineError where it is none. */
export function rootfsDirectory(path: string, cwd: string): string {
  const absolute = path.startsWith("/") ? path : `${cwd}/${path}`;
  if (pathType(absolute) === undefined)
    throw new EngineError(`Cannot use "${path}" as a root filesystem: it does not exist`, {
      code: "ERR_USAGE",
      exitStatus: 125,
    });
  return realPath(absolute);
}

/** What a root filesystem without an image has for its config. */
export const NO_IMAGE_CONFIG: ImageRunConfig = {};

/** Writes the id to a file that must not exist, so that two containers never share one. */
export function writeCidFile(path: string, id: string, cwd: string): void {
  const absolute = path.startsWith("/") ? path : `${cwd}/${path}`;
  if (pathType(absolute) !== undefined) {
    throw new EngineError(`container ID file found, make sure the other container isn't running or delete ${path}`, {
      code: "ERR_FILE_EXISTS",
      exitStatus: 125,
    });
  }
  makeDirs(absolute.slice(0, absolute.lastIndexOf("/")) || "/", 0o755);
  createFile(absolute, id, 0o644);
}
