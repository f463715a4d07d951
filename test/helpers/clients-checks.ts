import assert from "node:assert/strict";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ClientSandbox } from "./clients-sandbox.ts";

const TIMEOUT_MS = 60_000;
const POLL_MS = 30;

/** Waits until something is so, and fails when that takes a minute: what is polled may itself take seconds on a busy machine. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; !(await isSo()); await delay(POLL_MS)) {
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
  }
}

/** Fails when a runtime's state directory holds containers, or they have cgroups; the client's own begin with a name. */
export async function assertNothingLeft(sandbox: ClientSandbox, stateRoot: string, ownCgroup?: string): Promise<void> {
  assert.equal(await sandbox.output(["sh", "-c", 'ls -A "$1" 2>/dev/null || true', "sh", stateRoot]), "");
  const left = sandbox.cgroups().filter((path) => ownCgroup === undefined || !basename(path).startsWith(ownCgroup));
  assert.deepEqual(left, []);
}
