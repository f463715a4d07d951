import { isLocked, listDir, pathType } from "../../sys/files.ts";
import { lockPath } from "../base/object-lock.ts";
import type { EnginePaths } from "../base/paths.ts";
import { listSandboxes } from "../network/sandbox/sandbox-record.ts";
import { lostSessions } from "./exec-session.ts";
import { isUnfinished } from "./finish-container.ts";
import { hasMonitor } from "./recover.ts";
import { livePid } from "./status.ts";
import { containerDirectory, listContainerIds, listContainers } from "./store.ts";

/** What `system recover` would put right, by the ids of the containers that it belongs to. */
export interface Leftovers {
  /** Those that ended with nobody there to notice. */
  readonly unfinished: readonly string[];
  /** Directories of containers that were never finished. */
  readonly unrecorded: readonly string[];
  /** Those that have ended, with a network namespace or record of one still there. */
  readonly networks: readonly string[];
  /** Programs of "exec" on a terminal, whose monitor was killed: by their own ids. */
  readonly sessions: readonly string[];
}

/** Looks for what a crash has left, and touches nothing; what some command is busy with just now is none. */
export function findLeftovers(paths: EnginePaths): Leftovers {
  const isIdle = (id: string) => !isLocked(lockPath(paths, "container", id)) && !hasMonitor(paths, id);
  const isRecorded = (id: string) => pathType(`${containerDirectory(paths, id)}/config.json`) !== undefined;
  const records = listContainers(paths, () => {});
  const bound = pathType(paths.netns) === undefined ? [] : listDir(paths.netns);
  const networks = [...new Set([...listSandboxes(paths), ...bound])];
  return {
    unfinished: records.filter((record) => isUnfinished(paths, record) && isIdle(record.id)).map(({ id }) => id),
    unrecorded: listContainerIds(paths).filter((id) => !isRecorded(id) && isIdle(id)),
    networks: networks.filter((id) => livePid(paths, id) === undefined && isIdle(id)),
    sessions: lostSessions(paths),
  };
}
