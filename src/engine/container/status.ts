import { readText, readTextIfExists, readTexts, textOf } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
import { cgroupMounts, unifiedMount } from "./cgroup-mounts.ts";
import { containerCgroup } from "./container-cgroup.ts";
import type { ContainerRecord } from "./record.ts";
import { containerDirectory, runDirectory } from "./store.ts";

/** What a container is now; the words are docker's. */
export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited";

export interface LiveStatus {
  readonly status: ContainerStatus;
  /** The pid of its first process on the host; 0 where none runs. */
  readonly pid: number;
  /** Where the record does not know of the end yet: what the monitor wrote, or undefined. */
  readonly exit?: ExitReport;
}

/** What a monitor has written of a container's end. */
export interface ExitReport {
  /** The command ran; otherwise the runtime failed with this status. */
  readonly hasRun: boolean;
  readonly status: number;
  /** RFC 3339 with nanoseconds. */
  readonly at: string;
}

/** Asks the kernel: a record alone may be out of date. */
export function liveStatus(paths: EnginePaths, record: ContainerRecord): LiveStatus {
  const alive = liveProcesses(paths, [record.id]);
  return statusOf(paths, record, alive.get(record.id)?.pid, frozenOnes([record], alive).has(record.id));
}

/** As liveStatus of each, in order: many files are read with one call. */
export function liveStatuses(paths: EnginePaths, records: readonly ContainerRecord[]): readonly LiveStatus[] {
  const alive = liveProcesses(
    paths,
    records.map(({ id }) => id),
  );
  const frozen = frozenOnes(records, alive);
  return records.map((record) => statusOf(paths, record, alive.get(record.id)?.pid, frozen.has(record.id)));
}

function statusOf(paths: EnginePaths, record: ContainerRecord, pid: number | undefined, isFrozen: boolean): LiveStatus {
  if (pid !== undefined) return { status: isFrozen ? "paused" : "running", pid };
  const { phase } = record.life;
  if (phase === "created" || phase === "removing" || phase === "restarting" || phase === "exited")
    return { status: phase, pid: 0 };
  const exit = readExit(paths, record.id);
  return {
    status: exit === undefined && phase === "starting" ? "created" : "exited",
    pid: 0,
    ...(exit !== undefined && { exit }),
  };
}

/** The container's first process, as long as it is the one that was started. */
export function livePid(paths: EnginePaths, id: string): number | undefined {
  return liveProcesses(paths, [id]).get(id)?.pid;
}

interface LiveProcess {
  readonly pid: number;
  /** The letter of /proc/PID/stat. */
  readonly state: string;
}

/** The first processes of those that live, by their ids. */
function liveProcesses(paths: EnginePaths, ids: readonly string[]): ReadonlyMap<string, LiveProcess> {
  const notes = readTexts(ids.map((id) => `${runDirectory(paths, id)}/status`)).map((text) => parseNote(textOf(text)));
  const noted = ids.flatMap((id, index) => {
    const note = notes[index];
    return note === undefined ? [] : [{ id, ...note }];
  });
  const stats = readTexts(noted.map(({ pid }) => `/proc/${pid}/stat`));
  const alive = new Map<string, LiveProcess>();
  noted.forEach(({ id, pid, startTime }, index) => {
    const state = stateOf(textOf(stats[index]), startTime);
    if (state !== undefined) alive.set(id, { pid: Number(pid), state });
  });
  return alive;
}

/** What the monitor wrote when the container began to run: "PID STARTTIME". */
function parseNote(text = ""): { readonly pid: string; readonly startTime: string } | undefined {
  const [pid, startTime] = text.trim().split(" ");
  return pid === undefined || pid === "" || startTime === undefined ? undefined : { pid, startTime };
}

/** The state in a /proc/PID/stat; undefined where it is not a living process with this start time. Source: proc_pid_stat(5). */
function stateOf(stat: string | undefined, startTime: string): string | undefined {
  if (stat === undefined) return undefined;
  // Behind the name, which may hold anything: state is field 3, the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 20);
  return fields[19] === startTime && fields[0] !== "Z" && fields[0] !== "X" ? fields[0] : undefined;
}

/** What a monitor wrote at the end; undefined before it. */
export function readExit(paths: EnginePaths, id: string): ExitReport | undefined {
  const [usual, spare] = exitPaths(paths, id);
  const text = readTextIfExists(usual) ?? readTextIfExists(spare) ?? "";
  const match = /^(failed )?([0-9]+) (\S+)\n$/.exec(text);
  if (match === null) return undefined;
  const [, failed, status, at = ""] = match;
  return { hasRun: failed === undefined, status: Number(status), at };
}

/** Where a monitor writes what it tells at the end; where that disk is full, it takes the second. */
export function exitPaths(paths: EnginePaths, id: string): readonly [string, string] {
  return [`${containerDirectory(paths, id)}/exit`, `${runDirectory(paths, id)}/exit`];
}

/** What tells that a cgroup is frozen, in either version, and what it reads as then. Source: cgroups(7). */
const FREEZERS = [
  { version: 2, findMount: unifiedMount, file: "cgroup.freeze", frozen: "1" },
  { version: 1, findMount: () => cgroupMounts().get("freezer"), file: "freezer.state", frozen: "FR" },
] as const;

/** The ids of those that are. Of many containers each file takes its time: only those are read that can say so. */
function frozenOnes(records: readonly ContainerRecord[], alive: ReadonlyMap<string, LiveProcess>): ReadonlySet<string> {
  const ids = new Set<string>();
  if (alive.size === 0) return ids;
  for (const { version, findMount, file, frozen } of FREEZERS) {
    const isNeverAsleep = version === 1 && showsFrozenProcesses();
    const asked = records.filter(({ id }) => alive.has(id) && !(isNeverAsleep && alive.get(id)?.state === "S"));
    const mount = asked.length === 0 ? undefined : findMount();
    if (mount === undefined) continue;
    const texts = readTexts(asked.map((record) => `${mount}${containerCgroup(record)}/${file}`));
    asked.forEach(({ id }, index) => {
      if (textOf(texts[index])?.startsWith(frozen) === true) ids.add(id);
    });
  }
  return ids;
}

/**
 * From Linux 6.1 on, a process that a freezer of v1 holds has a state of its own, which /proc shows as "D" or "R". Older
 * kernels leave some asleep, "S". Source: the kernel's commit f5d39b020809, "freezer,sched: Rewrite core freezer logic".
 */
function showsFrozenProcesses(): boolean {
  const [major = 0, minor = 0] = readText("/proc/sys/kernel/osrelease").split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 1);
}
