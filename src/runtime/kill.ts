import { killAtOnce } from "../apply/kill-cgroup.ts";
import { UsageError } from "../base/errors.ts";
import { parseSignal } from "../linux/signals.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { readState } from "../state/store.ts";
import { kill } from "../sys/processes.ts";
import { signalProcess } from "../sys/procfs.ts";
import { pidsOf } from "./container-pids.ts";
import type { KillOptions, RuntimeContext } from "./options.ts";

const SIGKILL = 9;

/** Sends a signal to a container's init, or to all its processes. Throws StateError, UsageError. Source: runtime.md#kill. */
export function killContainer(context: RuntimeContext, { id, signal, all }: KillOptions): void {
  const number = parseSignal(signal);
  if (number === undefined) {
    throw new UsageError(`unknown signal ${JSON.stringify(signal)}`, {
      fix: 'use a name such as "TERM" or a number up to 64',
    });
  }
  const state = readState(context.root, id);
  const status = statusOf(state, `${context.root}/${id}`);
  // The init of a container without a pid namespace can be gone while others of its processes live.
  if (all && status === "stopped") {
    signalAll(state, number);
    return;
  }
  requireStatus("kill", id, status);
  if (all) signalAll(state, number);
  else if (!signalProcess(state.pid, state.startTime, number)) requireStatus("kill", id, "stopped");
}

function signalAll(state: StoredState, signal: number): void {
  if (signal === SIGKILL) killAtOnce(state.cgroup);
  for (const pid of pidsOf(state)) kill(pid, signal);
}
