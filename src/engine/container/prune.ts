import { EngineError } from "../base/errors.ts";
import { splitPair } from "../base/parse-size.ts";
import { treeBytes, writtenBytes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { hasLabel } from "./list-filter.ts";
import { parseTime } from "./parse-time.ts";
import { recoverContainers } from "./recover.ts";
import { removeContainer, removeLeftovers } from "./remove-container.ts";
import { liveStatus } from "./status.ts";
import { listContainerIds, listContainers } from "./store.ts";
import { volumeUsers } from "./volume-users.ts";
import { listVolumes, removeIfUnused, sweepVolumes, type Volume, volumeData } from "./volumes.ts";

export interface Pruned {
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Removes every container that does not run, and what crashes have left. */
export async function pruneContainers(context: EngineContext, filters: readonly string[]): Promise<Pruned> {
  const { paths, warn } = context;
  meetsFilters(filters, new Date().toISOString(), {}); // an unknown one is refused, whether there is anything or not
  await removeLeftovers(context, listContainerIds(paths));
  const records = await recoverContainers(context, listContainers(paths, warn));
  const names: string[] = [];
  let bytes = 0;
  for (const record of records) {
    const { status } = liveStatus(paths, record);
    if (status === "running" || status === "paused" || status === "restarting") continue;
    if (!meetsFilters(filters, record.created, record.config.Labels)) continue;
    bytes += await writtenBytes(paths, record.id);
    await removeContainer(context, record.id, { force: false, withVolumes: true });
    names.push(record.id);
  }
  return { names, bytes };
}

/** What `--filter` of a prune asks of an object's age and labels. Throws EngineError for what it cannot ask. */
export function meetsFilters(filters: readonly string[], created: string, labels: Labels): boolean {
  return filters.every((filter) => {
    const [name, value = ""] = splitPair(filter);
    if (name === "until") return Date.parse(created) < parseTime(value, Date.now(), "--filter");
    if (name === "label") return hasLabel(labels, value);
    if (name === "label!") return !hasLabel(labels, value);
    throw unknownFilter(name);
  });
}

type Labels = Readonly<Record<string, string>>;

function unknownFilter(name: string): EngineError {
  return new EngineError(`invalid filter '${name}'`, { code: "ERR_USAGE", flag: "--filter" });
}

/** Removes the volumes that no container names: the anonymous ones, or all. */
export async function pruneVolumes(
  { paths, warn }: EngineContext,
  withNamed: boolean,
  filters: readonly string[],
): Promise<Pruned> {
  checkLabelFilters(filters);
  sweepVolumes(paths);
  const names: string[] = [];
  let bytes = 0;
  for (const volume of listVolumes(paths, warn)) {
    if (!(withNamed || volume.Anonymous === true) || !meetsLabels(volume, filters)) continue;
    const size = treeBytes(volumeData(paths, volume.Name));
    if (!(await removeIfUnused(paths, volume.Name, (name) => volumeUsers(paths, name, warn)))) continue;
    bytes += size;
    names.push(volume.Name);
  }
  return { names, bytes };
}

function meetsLabels({ Labels }: Volume, filters: readonly string[]): boolean {
  return filters.every((filter) => {
    const [name, value = ""] = splitPair(filter);
    return hasLabel(Labels, value) === (name === "label");
  });
}

function checkLabelFilters(filters: readonly string[]): void {
  const names = filters.map((filter) => splitPair(filter)[0]);
  const unknown = names.find((name) => name !== "label" && name !== "label!");
  if (unknown !== undefined) throw unknownFilter(unknown);
}
