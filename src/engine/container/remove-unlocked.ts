import { removeRootfs } from "../storage/rootfs-store.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import type { ContainerRecord } from "./record.ts";
import { removeContainerFiles, writeContainer } from "./store.ts";
import { volumeUsers } from "./volume-users.ts";
import { removeIfUnused } from "./volumes.ts";

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
  // A volume that another container shares stays.
  for (const name of anonymous) await removeIfUnused(paths, name, (one) => volumeUsers(paths, one, warn));
  noteContainerEvent(paths, record, "destroy");
}
