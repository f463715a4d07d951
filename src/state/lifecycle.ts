import { StateError } from "../base/errors.ts";
import type { ContainerStatus } from "./liveness.ts";

export type Verb = "checkpoint" | "delete" | "events" | "exec" | "kill" | "pause" | "resume" | "start" | "update";

interface Rule {
  readonly allowed: readonly ContainerStatus[];
  /** What is said in every other status; {id} and {status} stand for themselves. */
  readonly refusal: string;
  /** What is said in some of them instead. */
  readonly refusals?: Partial<Readonly<Record<ContainerStatus, string>>>;
}

const WITH_PROCESSES: readonly ContainerStatus[] = ["created", "running", "paused"];

/**
 * Which verb is allowed in which status. `state`, `list` and `ps` always are, and `delete --force` takes what there is. The
 * texts are runc's where callers of the runtime look for them. Source: runtime.md#operations.
 */
const RULES: Readonly<Record<Verb, Rule>> = {
  checkpoint: { allowed: ["running", "paused"], refusal: "cannot checkpoint a {status} container" },
  delete: { allowed: ["stopped"], refusal: "cannot delete container {id} that is not stopped: {status}" },
  events: { allowed: WITH_PROCESSES, refusal: "container not running: {id} is {status}" },
  exec: {
    allowed: ["created", "running"],
    refusal: "cannot exec in a {status} container",
    refusals: { paused: "cannot exec in a paused container (use --ignore-paused to override)" },
  },
  kill: { allowed: WITH_PROCESSES, refusal: "container not running" },
  pause: { allowed: ["created", "running"], refusal: "container not running or created: {status}" },
  resume: { allowed: ["paused"], refusal: "container not paused" },
  start: {
    allowed: ["created"],
    refusal: "cannot start a container in the status {status}",
    refusals: {
      running: "cannot start an already running container",
      stopped: "cannot start a container that has stopped",
    },
  },
  update: { allowed: WITH_PROCESSES, refusal: "container not running: {id} is {status}" },
};

/** Throws StateError ERR_CONTAINER_STATUS where the verb is not allowed in the status. Source: runtime.md#operations. */
export function requireStatus(verb: Verb, id: string, status: ContainerStatus): void {
  const { allowed, refusal, refusals } = RULES[verb];
  if (allowed.includes(status)) return;
  const text = (refusals?.[status] ?? refusal).replace("{id}", id).replace("{status}", status);
  throw new StateError("ERR_CONTAINER_STATUS", text);
}
