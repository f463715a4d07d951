import { cgroupPids } from "../apply/kill-cgroup.ts";
import { RuntimeError } from "../base/errors.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { openContainer, readState } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import { processStat } from "../sys/procfs.ts";
import type { RuntimeContext } from "./options.ts";
import { freeze, presentFreezers, thaw } from "./pause-freezer.ts";

const FREEZE_TIMEOUT_MS = 10_000;

/**
 * Suspends every process of a container. Throws StateError, and RuntimeError ERR_TIMEOUT that names the processes that
 * did not freeze in 10 seconds: then all of them go on.
 */
export function pauseContainer(context: RuntimeContext, { id }: { readonly id: string }): void {
  withState(context, id, "pause", (state) => {
    const [freezer] = presentFreezers(state.cgroup);
    if (freezer === undefined) throw withoutFreezer(id);
    if (!freeze(freezer, FREEZE_TIMEOUT_MS)) throw notFrozen(state);
  });
}

/** Lets the processes of a paused container go on. Throws StateError. */
export function resumeContainer(context: RuntimeContext, { id }: { readonly id: string }): void {
  withState(context, id, "resume", ({ cgroup }) => {
    // Whichever of them it was frozen by: other tools may prefer another one.
    for (const freezer of presentFreezers(cgroup)) thaw(freezer);
  });
}

function withState(
  { root }: RuntimeContext,
  id: string,
  verb: "pause" | "resume",
  act: (state: StoredState) => void,
): void {
  const { directory, lockFd } = openContainer(root, id);
  try {
    const state = readState(root, id);
    requireStatus(verb, id, statusOf(state, directory));
    act(state);
  } finally {
    close(lockFd);
  }
}

function withoutFreezer(id: string): RuntimeError {
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot pause container "${id}": it has no cgroup that can be frozen`, {
    fix: "mount the cgroup v1 freezer hierarchy or cgroup2, and for an ordinary user have a cgroup delegated",
  });
}

/** A process that waits in the kernel for a device or a file system is in state D, and cannot be frozen meanwhile. */
function notFrozen({ id, cgroup }: StoredState): RuntimeError {
  const stuck = cgroupPids(cgroup).filter((pid) => processStat(pid)?.state === "D");
  const why = stuck.length === 0 ? "" : `: process ${stuck.join(", ")} waits in the kernel (state D)`;
  return new RuntimeError(
    "ERR_TIMEOUT",
    `Cannot pause container "${id}": its processes did not freeze within ${FREEZE_TIMEOUT_MS / 1000} s${why}`,
  );
}
