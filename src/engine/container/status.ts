import { readTextIfExists, readTexts, textOf } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
import { cgroupMounts, UNIFIED } from "./cgroup-mounts.ts";
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
  const pid = livePid(paths, record.id);
  return statusOf(paths, record, pid, pid !== undefined && frozenOnes([record]).has(record.id));
}

/** As liveStatus of each, in order: many files are read with one call. */
export function liveStatuses(paths: EnginePaths, records: readonly ContainerRecord[]): readonly LiveStatus[] {
  const pids = livePids(
    paths,
    records.map(({ id }) => id),
  );
  const frozen = frozenOnes(records.filter(({ id }) => pids.has(id)));
  return records.map((record) => statusOf(paths, record, pids.get(record.id), frozen.has(record.id)));
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
  return livePids(paths, [id]).get(id);
}

/** As livePid of those that live, by their ids. */
function livePids(paths: EnginePaths, ids: readonly string[]): ReadonlyMap<string, number> {
  const notes = readTexts(ids.map((id) => `${runDirectory(paths, id)}/status`)).map((text) => parseNote(textOf(text)));
  const noted = ids.flatMap((id, index) => {
    const note = notes[index];
    return note === undefined ? [] : [{ id, ...note }];
  });
  const stats = readTexts(noted.map(({ pid }) => `/proc/${pid}/stat`));
  const alive = noted.filter(({ startTime }, index) => isOf(textOf(stats[index]), startTime));
  return new Map(alive.map(({ id, pid }) => [id, Number(pid)]));
}

/** What the monitor wrote when the container began to run: "PID STARTTIME". */
function parseNote(text = ""): { readonly pid: string; readonly startTime: string } | undefined {
  const [pid, startTime] = text.trim().split(" ");
  return pid === undefined || pid === "" || startTime === undefined ? undefined : { pid, startTime };
}

/** Whether a /proc/PID/stat is that of a living process with this start time. Source: proc_pid_stat(5). */
function isOf(stat: string | undefined, startTime: string): boolean {
  if (stat === undefined) return false;
  // Behind the name, which may hold anything: state is field 3, the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 20);
  return fields[0] !== "Z" && fields[0] !== "X" && fields[19] === startTime;
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
  { controller: UNIFIED, file: "cgroup.freeze", frozen: "1" },
  { controller: "freezer", file: "freezer.state", frozen: "FR" },
] as const;

/** The ids of those that are. Only the hierarchies that the host has are asked: of many containers each takes its time. */
function frozenOnes(records: readonly ContainerRecord[]): ReadonlySet<string> {
  const ids = new Set<string>();
  if (records.length === 0) return ids;
  const cgroups = records.map(containerCgroup);
  const mounts = cgroupMounts();
  for (const { controller, file, frozen } of FREEZERS) {
    const mount = mounts.get(controller);
    if (mount === undefined) continue;
    const texts = readTexts(cgroups.map((cgroup) => `${mount}${cgroup}/${file}`));
    records.forEach(({ id }, index) => {
      if (textOf(texts[index])?.startsWith(frozen) === true) ids.add(id);
    });
  }
  return ids;
}
