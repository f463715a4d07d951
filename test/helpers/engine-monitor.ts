import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineBox } from "./engine-box.ts";
import { until } from "./until.ts";

/** The pid of a container's monitor, by its command line; undefined where it has none. */
export function monitorOf(box: EngineBox, id: string): number | undefined {
  return monitorsBelow(`${join(box.directory, "run/containers", id)}\0`)[0];
}

/** The pids of the monitors of all of a box's containers. */
export function monitorsOf(box: EngineBox): readonly number[] {
  return monitorsBelow(`${join(box.directory, "run/containers")}/`);
}

function monitorsBelow(start: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => isMonitor(pid, start)).map(Number);
}

function isMonitor(pid: string, start: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`mydocker-monitor\0${start}`);
  } catch {
    return false;
  }
}

/** Ends a container's monitor as a crash does. Gives the pid that it had. */
export async function killMonitor(box: EngineBox, id: string): Promise<number> {
  const pid = monitorOf(box, id) ?? assert.fail("no monitor");
  process.kill(pid, "SIGKILL");
  await until("the monitor is gone", () => monitorOf(box, id) !== pid);
  return pid;
}
