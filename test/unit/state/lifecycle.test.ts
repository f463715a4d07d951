import assert from "node:assert/strict";
import { test } from "node:test";
import { StateError } from "../../../src/base/errors.ts";
import { requireStatus, type Verb } from "../../../src/state/lifecycle.ts";
import type { ContainerStatus } from "../../../src/state/liveness.ts";

const STATUSES: readonly ContainerStatus[] = ["creating", "created", "running", "paused", "stopped"];

/** For each verb and status in the order above: allowed, or what is said. */
const TABLE: Readonly<Record<Verb, readonly (true | string)[]>> = {
  start: [
    "cannot start a container in the status creating",
    true,
    "cannot start an already running container",
    "cannot start a container in the status paused",
    "cannot start a container that has stopped",
  ],
  kill: ["container not running", true, true, true, "container not running"],
  delete: [
    "cannot delete container c1 that is not stopped: creating",
    "cannot delete container c1 that is not stopped: created",
    "cannot delete container c1 that is not stopped: running",
    "cannot delete container c1 that is not stopped: paused",
    true,
  ],
  exec: [
    "cannot exec in a creating container",
    true,
    true,
    "cannot exec in a paused container (use --ignore-paused to override)",
    "cannot exec in a stopped container",
  ],
  pause: [
    "container not running or created: creating",
    true,
    true,
    "container not running or created: paused",
    "container not running or created: stopped",
  ],
  resume: ["container not paused", "container not paused", "container not paused", true, "container not paused"],
  events: ["container not running: c1 is creating", true, true, true, "container not running: c1 is stopped"],
  update: ["container not running: c1 is creating", true, true, true, "container not running: c1 is stopped"],
  checkpoint: [
    "cannot checkpoint a creating container",
    "cannot checkpoint a created container",
    true,
    true,
    "cannot checkpoint a stopped container",
  ],
};

for (const [verb, outcomes] of Object.entries(TABLE)) {
  for (const [index, outcome] of outcomes.entries()) {
    const status = STATUSES[index] ?? "creating";
    test(`requireStatus ${outcome === true ? "allows" : "refuses"} ${verb} when the container is ${status}`, () => {
      const call = () => requireStatus(verb as Verb, "c1", status); // a key of TABLE
      if (outcome === true) call();
      else assert.throws(call, new StateError("ERR_CONTAINER_STATUS", outcome));
    });
  }
}
