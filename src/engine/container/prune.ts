import { EngineError } from "../base/errors.ts";
import { splitPair } from "../base/parse-size.ts";
import { treeBytes, writtenBytes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { hasLabel } from "./list-filter.ts";
import { parseTime } from "./parse-time.ts";
import type { ContainerRecord } from "./record.ts";
import { recoverContainers } from "./recover.ts";
import { removeContainer, removeLeftovers } from "./remove-container.ts";
import { liveStatus } from "./status.ts";
import { listContainerIds, listContainers } from "./store.ts";
import { volumeUsers } from "./volume-users.ts";
import { listVolumes, removeVolume, type Volume, volumeData } from "./volumes.ts";

export interface Pruned {
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Removes every container that does not run, and what crashes have left. */
export async function pruneContainers(context: EngineContext, filters: readonly string[]): Promise<Pruned> {
  const { paths, warn } = context;
  await removeLeftovers(context, listContainerIds(paths));
  const records = await recoverContainers(context, listContainers(paths, warn));
  const names: string[] = [];
  let bytes = 0;
  for (const record of records) {
    const { status } = liveStatus(paths, record);
    if (status === "running" || status === "paused" || status === "restarting" || !meetsAll(record, filters)) continue;
    bytes += await writtenBytes(paths, record.id);
    await removeContainer(context, record.id, { force: false, withVolumes: true });
    names.push(record.id);
  }
  return { names, bytes };
}

function meetsAll({ created, config }: ContainerRecord, filters: readonly string[]): boolean {
  return filters.every((filter) => {
    const [name, value = ""] = splitPair(filter);
    if (name === "until") return Date.parse(created) < parseTime(value, Date.now(), "--filter");
    if (name === "label") return hasLabel(config.Labels, value);
    if (name === "label!") return !hasLabel(config.Labels, value);
    throw new EngineError(`invalid filter '${name}'`, { code: "ERR_USAGE", flag: "--filter" });
  });
}

/** Removes the volumes that no container names: the anonymous ones, or all. */
export async function pruneVolumes(
  { paths, warn }: EngineContext,
  withNamed: boolean,
  filters: readonly string[],
): Promise<Pruned> {
  const names: string[] = [];
  let bytes = 0;
  for (const volume of listVolumes(paths, warn)) {
    if (!(withNamed || volume.Anonymous === true) || !meetsLabels(volume, filters)) continue;
    if (volumeUsers(paths, volume.Name, warn).length > 0) continue;
    bytes += treeBytes(volumeData(paths, volume.Name));
    await removeVolume(paths, volume.Name, []);
    names.push(volume.Name);
  }
  return { names, bytes };
}

function meetsLabels({ Labels }: Volume, filters: readonly string[]): boolean {
  return filters.every((filter) => {
    const [name, value = ""] = splitPair(filter);
    return name === "label!" ? !hasLabel(Labels, value) : name !== "label" || hasLabel(Labels, value);
  });
}
