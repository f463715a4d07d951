import { killAtOnce, processDirectory } from "../apply/kill-cgroup.ts";
import { UsageError } from "../base/errors.ts";
import { parseSignal } from "../linux/signals.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { readState } from "../state/store.ts";
import { kill } from "../sys/processes.ts";
import { processStatus, signalProcess } from "../sys/procfs.ts";
import { pidsOf } from "./container-pids.ts";
import type { KillOptions, RuntimeContext } from "./options.ts";

const SIGKILL = 9;

/** Sends a signal to a container's init, or to all its processes. Throws StateError, UsageError. Source: runtime.md#kill. */
export function killContainer(context: RuntimeContext, { id, signal = "TERM", all = false }: KillOptions): void {
  const number = signal === "0" ? 0 : parseSignal(signal);
  if (number === undefined) {
    throw new UsageError(`unknown signal ${JSON.stringify(signal)}`, {
      fix: 'use a name such as "TERM" or a number up to 64',
    });
  }
  const state = readState(context.root, id);
  const status = statusOf(state, `${context.root}/${id}`);
  // Only a cgroup tells which processes are the container's, where it shares its pid namespace.
  const ends = number === SIGKILL && processDirectory(state.cgroup) !== undefined;
  // The init of a container without a pid namespace can be gone while others of its processes live.
  if (status === "stopped" && (all || (ends && pidsOf(state).length > 0))) {
    signalAll(state, number);
    return;
  }
  requireStatus("kill", id, status);
  if (all || (ends && !isFirstInItsNamespace(state.pid))) signalAll(state, number);
  else if (!signalProcess(state.pid, state.startTime, number)) requireStatus("kill", id, "stopped");
}

/** With the first process of a pid namespace the kernel ends all others; where the namespace is shared, nobody does. */
function isFirstInItsNamespace(pid: number): boolean {
  return processStatus(pid)?.["NSpid"]?.endsWith("\t1") === true;
}

function signalAll(state: StoredState, signal: number): void {
  if (signal === SIGKILL) killAtOnce(state.cgroup);
  for (const pid of pidsOf(state)) kill(pid, signal);
}
