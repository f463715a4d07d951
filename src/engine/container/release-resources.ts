import type { EnginePaths } from "../base/paths.ts";
import { unmountRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import type { ContainerRecord } from "./record.ts";
import { deleteFromRuntime, runtimeDriver } from "./runtime-driver.ts";
import { leaveSandbox } from "./sandbox.ts";
import { releaseShm } from "./shared-shm.ts";

/**
 * Takes back what a container has on the host while it runs: the runtime's state, its network, its mounts. Each is tried,
 * whatever becomes of the others; what fails is told.
 */
export async function releaseResources({ paths, warn }: EngineContext, record: ContainerRecord): Promise<void> {
  const steps = [
    () => deleteFromRuntime(runtimeDriver(paths, record.hostConfig.Runtime, warn), record.id),
    () => leaveSandbox(paths, record),
    () => unmountRootfs(paths, record.id),
    () => releaseShm(paths, record),
    () => releaseMounts(paths, record),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
    }
  }
}

async function releaseMounts(paths: EnginePaths, record: ContainerRecord): Promise<void> {
  if (!record.mounts.some(({ Type }) => Type === "volume")) return;
  await (await import("./mount-volume.ts")).releaseVolumes(paths, record);
}
