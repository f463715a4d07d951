import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { poll } from "../sys/descriptors.ts";
import { pathType, readTextIfExists, writeExisting } from "../sys/files.ts";
import { kill } from "../sys/processes.ts";

/** One directory that holds all of the container's processes: each hierarchy holds the same. */
export function processDirectory(cgroup: CgroupPaths): string | undefined {
  return cgroup.v1.freezer ?? Object.values(cgroup.v1)[0] ?? cgroup.v2;
}

/** The pids of a container's processes, on the host. */
export function cgroupPids(cgroup: CgroupPaths): readonly number[] {
  const directory = processDirectory(cgroup);
  const text = directory === undefined ? "" : (readTextIfExists(`${directory}/cgroup.procs`) ?? "");
  return text.split("\n").filter(Boolean).map(Number);
}

const SIGKILL = 9;
const ROUNDS = 1000;

/**
 * Kills every process of the cgroups, frozen ones included, and waits until none is left: 10 seconds at most. A
 * process can fork between the reading and the killing, so it is done until the list is empty.
 */
export function killCgroup(cgroup: CgroupPaths): void {
  thaw(cgroup);
  for (let round = 0; round < ROUNDS; round++) {
    const pids = cgroupPids(cgroup);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid, SIGKILL);
    poll([], round < 10 ? 1 : 10);
  }
}

/** A frozen process cannot die. */
function thaw({ v1, v2 }: CgroupPaths): void {
  if (v1.freezer !== undefined && pathType(v1.freezer) !== undefined) {
    const path = `${v1.freezer}/freezer.state`;
    if (readTextIfExists(path)?.startsWith("FR") === true) writeExisting(path, "THAWED");
  }
  if (v2 !== undefined && readTextIfExists(`${v2}/cgroup.freeze`)?.startsWith("1") === true) {
    writeExisting(`${v2}/cgroup.freeze`, "0");
  }
}
