import type { EnginePaths } from "../base/paths.ts";
import { unmountRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import type { EventNetwork } from "./event-facts.ts";
import type { ContainerRecord } from "./record.ts";
import { deleteFromRuntime, runtimeDriver } from "./runtime-driver.ts";
import { leaveSandbox } from "./sandbox.ts";
import { releaseShm } from "./shared-shm.ts";

/**
 * Takes back what a container has on the host while it runs: the runtime's state, its network, its mounts. Each is tried,
 * whatever becomes of the others; what fails is told. Gives the networks that it was on.
 */
export async function releaseResources(
  { paths, warn }: EngineContext,
  record: ContainerRecord,
): Promise<readonly EventNetwork[]> {
  const tried = async <T>(step: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  let unmounting: Promise<unknown> | undefined;
  const unmount = () => (unmounting ??= tried(() => unmountRootfs(paths, record.id)));
  // Where the runtime did not come to its end, it takes back in the root filesystem what it has made there.
  const isSettled = record.life.phase === "running";
  await tried(async () => {
    const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
    await deleteFromRuntime(driver, record.id, isSettled ? unmount : undefined);
  });
  const networks = await tried(() => leaveSandbox(paths, record));
  await unmount();
  await tried(() => releaseShm(paths, record));
  await tried(() => releaseMounts(paths, record));
  return networks ?? [];
}

async function releaseMounts(paths: EnginePaths, record: ContainerRecord): Promise<void> {
  if (!record.mounts.some(({ Type }) => Type === "volume")) return;
  await (await import("./mount-volume.ts")).releaseVolumes(paths, record);
}
