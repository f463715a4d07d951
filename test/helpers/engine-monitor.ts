import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineBox } from "./engine-box.ts";

/** The pid of a container's monitor, by its command line; undefined where it has none. */
export function monitorOf(box: EngineBox, id: string): number | undefined {
  const directory = join(box.directory, "run/containers", id);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`mydocker-monitor\0${directory}\0`);
    } catch {
      return false;
    }
  });
  return found === undefined ? undefined : Number(found);
}
