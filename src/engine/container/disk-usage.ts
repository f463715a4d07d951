import { treeBytes, writtenBytes } from "./container-size.ts";
import type { EngineContext } from "./engine-context.ts";
import { recoverContainers } from "./recover.ts";
import { liveStatus } from "./status.ts";
import { listContainers } from "./store.ts";
import { listVolumes, volumeData } from "./volumes.ts";

/** A line of `system df`. */
export interface Usage {
  readonly total: number;
  readonly active: number;
  readonly sizeBytes: number;
  /** Of what is not active. */
  readonly reclaimableBytes: number;
}

/** What containers have written into their own layers; active are those that run. */
export async function containerUsage(context: EngineContext): Promise<Usage> {
  const { paths, warn } = context;
  const records = await recoverContainers(context, listContainers(paths, warn));
  const sizes = records.map(async (record) => ({
    isActive: liveStatus(paths, record).pid !== 0,
    bytes: await writtenBytes(paths, record.id),
  }));
  return usageOf(await Promise.all(sizes));
}

/** What volumes hold; active are those that a container has, whether it runs or not. */
export function volumeUsage({ paths, warn }: EngineContext): Usage {
  const used = new Set(listContainers(paths, warn).flatMap(({ mounts }) => mounts.map(({ Name }) => Name)));
  const sizes = listVolumes(paths, warn).map(({ Name }) => ({
    isActive: used.has(Name),
    bytes: treeBytes(volumeData(paths, Name)),
  }));
  return usageOf(sizes);
}

function usageOf(sizes: readonly { readonly isActive: boolean; readonly bytes: number }[]): Usage {
  const sum = (some: typeof sizes) => some.reduce((total, { bytes }) => total + bytes, 0);
  const active = sizes.filter(({ isActive }) => isActive);
  const sizeBytes = sum(sizes);
  return { total: sizes.length, active: active.length, sizeBytes, reclaimableBytes: sizeBytes - sum(active) };
}
