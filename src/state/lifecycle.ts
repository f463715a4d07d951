import { StateError } from "../base/errors.ts";
import type { ContainerStatus } from "./liveness.ts";

export type Verb = "start" | "kill" | "delete" | "exec" | "pause" | "resume";

/** Which verb is allowed in which status. Source: runtime.md#operations. */
const ALLOWED: Readonly<Record<Verb, readonly ContainerStatus[]>> = {
  start: ["created"],
  kill: ["created", "running", "paused"],
  delete: ["stopped"],
  exec: ["created", "running"],
  pause: ["created", "running"],
  resume: ["paused"],
};

/** Throws StateError ERR_CONTAINER_STATUS where the verb is not allowed. */
export function requireStatus(verb: Verb, id: string, status: ContainerStatus): void {
  if (ALLOWED[verb].includes(status)) return;
  throw new StateError("ERR_CONTAINER_STATUS", refusal(verb, id, status));
}

/** Callers of the runtime look for some of these texts: they are runc's. */
function refusal(verb: Verb, id: string, status: ContainerStatus): string {
  switch (verb) {
    case "start":
      return status === "stopped"
        ? "cannot start a container that has stopped"
        : status === "creating"
          ? `cannot start container "${id}" in the status creating`
          : "cannot start an already running container";
    case "kill":
      return "container not running";
    case "delete":
      return `cannot delete container ${id} that is not stopped: ${status}`;
    case "exec":
      return status === "paused"
        ? "cannot exec in a paused container (use --ignore-paused to override)"
        : `cannot exec in a ${status} container`;
    case "pause":
      return `container not running or created: ${status}`;
    default:
      return "container not paused";
  }
}
