import { tryLockObject } from "../base/object-lock.ts";
import { recoverNetworks } from "../network/index.ts";
import type { EngineContext } from "./engine-context.ts";
import { removeLostSessions } from "./exec-session.ts";
import { hasMonitor, recoverContainers } from "./recover.ts";
import { removeLeftovers } from "./remove-container.ts";
import { livePid } from "./status.ts";
import { listContainerIds, listContainers } from "./store.ts";
import { sweepVolumes } from "./volumes.ts";

/** What `system recover` has put right: containers that had ended unnoticed, and networks that nobody has any more. */
export interface Recovered {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
}

/** Brings everything in line with what a crash has left. What goes wrong with one container is told. */
export async function recoverAll(context: EngineContext): Promise<Recovered> {
  const { paths, warn } = context;
  const before = listContainers(paths, warn);
  const after = await recoverContainers(context, before);
  const changed = before.filter(({ id, life }) => after.find((each) => each.id === id)?.life.phase !== life.phase);
  const networks = await recoverNetworks(paths, async (id, release) => {
    const lock = tryLockObject(paths, "container", id);
    // Somebody starts it, or ends it, just now.
    if (lock === undefined) return false;
    try {
      if (livePid(paths, id) !== undefined || hasMonitor(paths, id)) return false;
      await release();
      return true;
    } finally {
      lock.release();
    }
  });
  removeLostSessions(paths);
  const removed = await removeLeftovers(context, listContainerIds(paths));
  sweepVolumes(paths);
  return { containers: [...removed, ...changed.map(({ id }) => id)], networks };
}
