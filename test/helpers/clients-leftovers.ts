import { existsSync, readdirSync, rmdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cgroupsNamed } from "./host-traces.ts";

const PREFIX = "mdr-clients-";
/** Source: statfs(2). */
const TMPFS_MAGIC = 0x01021994;
const CGROUP_TRIES = 200;
const POLL_MS = 10;

/** What the names of everything begin with that the tests of this process make for clients on the host. */
export function markOf(pid: number): string {
  return `${PREFIX}${pid}-`;
}

/**
 * Removes what tests that were killed have left: cgroups and directories whose name has the pid of a process that is no
 * more. Their processes have ended with them, as their namespaces have.
 */
export async function sweepPredecessors(): Promise<void> {
  for (const root of cgroupsNamed(PREFIX).filter(isOfTheDead)) await removeClientCgroup(root);
  for (const name of readdirSync(tmpdir()).filter(isOfTheDead)) rmSync(join(tmpdir(), name), { recursive: true });
}

/** Removes a cgroup with those below, or what podman takes for one: for a hierarchy that is not mounted it makes directories. */
export async function removeClientCgroup(root: string): Promise<void> {
  if (!existsSync(root)) return;
  if (statfsSync(root).type === TMPFS_MAGIC) rmSync(root, { recursive: true });
  else for (const path of [...directoriesBelow(root).map((name) => join(root, name)), root]) await removeCgroup(path);
}

/** The deepest first. */
export function directoriesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [...directoriesBelow(join(directory, name)).map((below) => join(name, below)), name]);
}

function isOfTheDead(path: string): boolean {
  const pid = new RegExp(`^${PREFIX}([0-9]+)-`).exec(basename(path))?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

/** A process that has just ended still counts for a moment. */
async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; tries < CGROUP_TRIES; tries++) {
    try {
      return rmdirSync(path);
    } catch {
      await delay(POLL_MS);
    }
  }
}
