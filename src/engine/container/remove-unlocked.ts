import { removeRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { removeContainerFiles, writeContainer } from "./store.ts";
import { volumeUsers } from "./volume-users.ts";
import { removeVolume } from "./volumes.ts";

/** For whoever holds the container's lock. What a crash leaves in the middle is taken up by the next removal. */
export async function removeUnlocked(
  context: EngineContext,
  record: ContainerRecord,
  { withVolumes }: { readonly withVolumes: boolean },
): Promise<void> {
  const { paths, warn } = context;
  writeContainer(paths, { ...record, life: { ...record.life, phase: "removing" } });
  await removeRootfs(paths, record.id);
  const anonymous = withVolumes
    ? record.mounts.flatMap(({ IsAnonymous, Name }) => (IsAnonymous === true && Name !== undefined ? [Name] : []))
    : [];
  removeContainerFiles(paths, record);
  for (const name of anonymous) {
    const users = volumeUsers(paths, name, warn);
    // A volume that another container shares stays.
    if (users.length === 0) await removeVolume(paths, name, []);
  }
  noteContainerEvent(paths, record, "destroy");
}
