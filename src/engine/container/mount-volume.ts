import { SystemError } from "../../base/errors.ts";
import { errnoName, errnoText } from "../../linux/errno.ts";
import { createFile, listDir, makeDirs, pathType, readText, realPath, removeDir, unlink } from "../../sys/files.ts";
import { parseMountinfo } from "../../sys/mountinfo.ts";
import { bindMount, mountFilesystem, unmount } from "../../sys/mounts.ts";
import { EngineError } from "../base/errors.ts";
import { withObjectLock } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ContainerRecord } from "./record.ts";
import { type VolumeMount, volumeMount } from "./volume-options.ts";
import { readVolume, volumeData } from "./volumes.ts";

/**
 * Mounts what a volume's options name, for a container that is being started; containers share it. Each leaves a note below
 * the run directory until it has ended. Nothing to do for a plain volume. Throws EngineError in docker's words.
 */
export async function mountVolume(paths: EnginePaths, name: string, containerId: string): Promise<void> {
  if (wantedMount(paths, name) === undefined) return;
  await withObjectLock(paths, "volume", name, () => {
    const notes = notesOf(paths, name);
    makeDirs(notes, 0o700);
    if (pathType(`${notes}/${containerId}`) === undefined) createFile(`${notes}/${containerId}`, "", 0o600);
    showVolume(paths, name);
  });
}

/** Mounts it unless it is mounted, in this process's mount namespace. Throws EngineError in docker's words. */
export function showVolume(paths: EnginePaths, name: string): void {
  const wanted = wantedMount(paths, name);
  const data = volumeData(paths, name);
  if (wanted === undefined || isMounted(data)) return;
  try {
    if (wanted.kind === "bind") bindMount(wanted.device, data, wanted.isReadonly);
    else mountFilesystem({ ...wanted, target: data });
  } catch (error) {
    const { device, type, o = "" } = readVolume(paths, name)?.Options ?? {};
    throw explained(error, data, `${device}:${data}, type: ${type}, o: ${o}`);
  }
}

function wantedMount(paths: EnginePaths, name: string): VolumeMount | undefined {
  return volumeMount(readVolume(paths, name)?.Options ?? {});
}

/** Takes the mounts away that a container was the last to have. What fails is left to `volume rm`, and told. */
export async function releaseVolumes(paths: EnginePaths, { id, mounts }: ContainerRecord): Promise<void> {
  for (const { Name: name } of mounts) {
    if (name === undefined || pathType(`${notesOf(paths, name)}/${id}`) === undefined) continue;
    await withObjectLock(paths, "volume", name, () => {
      const notes = notesOf(paths, name);
      if (pathType(`${notes}/${id}`) !== undefined) unlink(`${notes}/${id}`);
      if (listDir(notes).length > 0) return;
      unmountVolume(paths, name);
      removeDir(notes);
    });
  }
}

/** For whoever holds the volume's lock, when no container has it. */
export function unmountVolume(paths: EnginePaths, name: string): void {
  const data = volumeData(paths, name);
  while (isMounted(data)) unmount(data, true);
}

/** Also of a directory of the same filesystem. */
function isMounted(data: string): boolean {
  const place = realPath(data);
  return parseMountinfo(readText("/proc/self/mountinfo")).some(({ mountpoint }) => mountpoint === place);
}

function notesOf({ run }: EnginePaths, name: string): string {
  return `${run}/volumes/${name}`;
}

function explained(error: unknown, data: string, what: string): unknown {
  if (!(error instanceof SystemError)) return error;
  const { errno, path } = error.failure;
  const said = path === undefined || path === data ? "" : ` (${path})`;
  const isMissing = errnoName(errno) === "ENODEV";
  return new EngineError(
    `error while mounting volume '${data}': failed to mount local volume: mount ${what}: ${errnoText(errno)}${said}`,
    { code: "ERR_STORAGE", ...(isMissing && { fix: "take a type that is in /proc/filesystems" }) },
  );
}
