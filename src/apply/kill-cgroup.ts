import { SystemError } from "../base/errors.ts";
import { killFileOf } from "../cgroup/cgroup-files.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { errnoName } from "../linux/errno.ts";
import { poll } from "../sys/descriptors.ts";
import { listSubdirectories, pathType, readTextIfExists, writeExisting } from "../sys/files.ts";
import { kill } from "../sys/processes.ts";

/** One directory that holds all of the container's processes: each hierarchy holds the same. */
export function processDirectory(cgroup: CgroupPaths): string | undefined {
  return cgroup.v1.freezer ?? Object.values(cgroup.v1)[0] ?? cgroup.v2;
}

/**
 * The pids of a container's processes, on the host: also of those in cgroups that it has made below its own, and of an
 * init that was born in the v2 cgroup and has not joined the others yet.
 */
export function cgroupPids(cgroup: CgroupPaths): readonly number[] {
  const directories = new Set([processDirectory(cgroup), cgroup.v2].filter((directory) => directory !== undefined));
  return [...new Set([...directories].flatMap(pidsBelow))];
}

function pidsBelow(directory: string): readonly number[] {
  const own = tolerant([], () => idsIn(`${directory}/cgroup.procs`)) ?? processesOfThreads(directory);
  return [...own, ...directoriesIn(directory).flatMap(pidsBelow)];
}

/** The cgroups right below one, by path; none where it is gone. */
export function directoriesIn(directory: string): readonly string[] {
  return (tolerant([], () => listSubdirectories(directory)) ?? []).map((name) => `${directory}/${name}`);
}

function idsIn(file: string): readonly number[] {
  return (readTextIfExists(file) ?? "").split("\n").filter(Boolean).map(Number);
}

/** A threaded cgroup of v2 leaves the list of processes to its domain. Source: cgroups(7), "Thread mode". */
function processesOfThreads(directory: string): readonly number[] {
  const threads = tolerant([], () => idsIn(`${directory}/cgroup.threads`)) ?? [];
  return threads.flatMap((thread) => /^Tgid:\t(\d+)$/m.exec(statusOf(thread))?.[1] ?? []).map(Number);
}

function statusOf(thread: number): string {
  return tolerant("", () => readTextIfExists(`/proc/${thread}/status`) ?? "") ?? "";
}

/** A cgroup or a process can go away while it is looked at; undefined where a threaded cgroup does not do it. */
function tolerant<T>(gone: T, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const name = error instanceof SystemError ? errnoName(error.failure.errno) : "";
    if (name === "ENOENT" || name === "ESRCH") return gone;
    if (name === "EOPNOTSUPP") return undefined;
    throw error;
  }
}

const SIGKILL = 9;
const ROUNDS = 1000;

/** Kills every process of a container's cgroups, frozen ones included, and waits until none is left. */
export function killCgroup(cgroup: CgroupPaths): void {
  if (isDeserted(cgroup)) return;
  thaw(cgroup);
  killAtOnce(cgroup);
  killUntilNone(() => cgroupPids(cgroup));
}

/** The usual case, found with few files looked at. One of v2's tells of all that is below. Source: cgroups(7), cgroup.events. */
function isDeserted({ v1, v2 }: CgroupPaths): boolean {
  const events = v2 === undefined ? "" : tolerant("", () => readTextIfExists(`${v2}/cgroup.events`) ?? "");
  if (events?.includes("populated 0\n") !== true) return false;
  const directory = processDirectory({ v1 });
  return directory === undefined || pidsBelow(directory).length === 0;
}

/** Outermost first: a thawed cgroup in a frozen one stays frozen. Source: freezer-subsystem.rst. */
function thawBelow(directory: string): void {
  const path = `${directory}/freezer.state`;
  if (tolerant(undefined, () => readTextIfExists(path))?.startsWith("FR") === true) writeExisting(path, "THAWED");
  directoriesIn(directory).forEach(thawBelow);
}

/** The same of one directory and those below it. */
export function killBelow(directory: string): void {
  thawBelow(directory);
  killAtOnce({ v1: {}, v2: directory });
  killUntilNone(() => pidsBelow(directory));
}

/** Where the kernel can, and a threaded cgroup cannot: no process gets away by forking. Gives whether it was so. */
export function killAtOnce(cgroup: CgroupPaths): boolean {
  const file = killFileOf(cgroup);
  if (file === undefined || pathType(file) === undefined) return false;
  const write = (): boolean => {
    writeExisting(file, "1");
    return true;
  };
  return tolerant(false, write) ?? false;
}

/** A process can fork between the reading and the killing, so it is done until the list is empty: 10 seconds at most. */
function killUntilNone(readPids: () => readonly number[]): void {
  for (let round = 0; round < ROUNDS; round++) {
    const pids = readPids();
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid, SIGKILL);
    poll([], round < 10 ? 1 : 10);
  }
}

/** A frozen process cannot die: of v1, also in a cgroup that the container has made and frozen itself. */
function thaw({ v1, v2 }: CgroupPaths): void {
  if (v1.freezer !== undefined) thawBelow(v1.freezer);
  if (v2 !== undefined && readTextIfExists(`${v2}/cgroup.freeze`)?.startsWith("1") === true) {
    writeExisting(`${v2}/cgroup.freeze`, "0");
  }
}
