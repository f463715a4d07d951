import { processDirectory } from "../apply/kill-cgroup.ts";
import { RuntimeError, UsageError } from "../base/errors.ts";
import { parseStoredConfig } from "../config/stored-config.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { readState, readStoredConfig } from "../state/store.ts";
import { isProcessAlive } from "../sys/procfs.ts";
import { type OomWatch, watchOom } from "./events-oom.ts";
import { readStats } from "./events-stats.ts";
import type { ContainerEvent, ContainerStats, EventsOptions, RuntimeContext } from "./options.ts";

/** What a container has used until now. Throws StateError. */
export function containerStats(context: RuntimeContext, { id }: { readonly id: string }): ContainerStats {
  const state = runningState(context, id);
  return readStats(state, hasNetwork(context, id));
}

/** How soon an event is told, and the end of the container seen. */
const TICK_MS = 100;

/**
 * What a container uses, every `intervalMs`, and when it has run out of memory; ends when the container does. Throws
 * StateError, UsageError.
 */
export async function* containerEvents(
  context: RuntimeContext,
  { id, intervalMs }: EventsOptions,
): AsyncGenerator<ContainerEvent, void> {
  if (!(intervalMs > 0)) throw new UsageError("duration interval must be greater than 0", { flag: "--interval" });
  const state = runningState(context, id);
  const isNetworked = hasNetwork(context, id);
  const watch = watchOom(state.cgroup);
  try {
    for (let next = Date.now() + intervalMs; ; await delay(Math.min(TICK_MS, next - Date.now()))) {
      const isAlive = isProcessAlive(state.pid, state.startTime);
      yield* oomEvents(id, watch);
      if (!isAlive) return;
      if (Date.now() < next) continue;
      yield { type: "stats", id, data: readStats(state, isNetworked) };
      next += intervalMs;
    }
  } finally {
    watch.close();
  }
}

function runningState({ root }: RuntimeContext, id: string): StoredState {
  const state = readState(root, id);
  requireStatus("events", id, statusOf(state, `${root}/${id}`));
  if (processDirectory(state.cgroup) === undefined) throw withoutCgroup(id);
  return state;
}

function withoutCgroup(id: string): RuntimeError {
  return new RuntimeError("ERR_NOT_SUPPORTED", `Cannot tell what container "${id}" uses: it has no cgroup`, {
    fix: "for an ordinary user have a cgroup delegated",
  });
}

function hasNetwork({ root }: RuntimeContext, id: string): boolean {
  const config = parseStoredConfig(readStoredConfig(root, id));
  return config.linux?.namespaces?.some(({ type }) => type === "network") === true;
}

function* oomEvents(id: string, watch: OomWatch): Generator<ContainerEvent, void> {
  if (watch.hasHappened()) yield { type: "oom", id };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
