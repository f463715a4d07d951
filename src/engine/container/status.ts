import { readTextIfExists } from "../../sys/files.ts";
import type { EnginePaths } from "../base/paths.ts";
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
  if (pid !== undefined) return { status: isFrozen(record) ? "paused" : "running", pid };
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
  const [pid, startTime] = (readTextIfExists(`${runDirectory(paths, id)}/status`) ?? "").trim().split(" ");
  if (pid === undefined || startTime === undefined || pid === "") return undefined;
  const stat = readTextIfExists(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // Behind the name, which may hold anything: state is field 3, the start time field 22. Source: proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isAlive = fields[0] !== "Z" && fields[0] !== "X" && fields[19] === startTime;
  return isAlive ? Number(pid) : undefined;
}

/** What a monitor wrote at the end; undefined before it. */
export function readExit(paths: EnginePaths, id: string): ExitReport | undefined {
  const text = readTextIfExists(exitPath(paths, id));
  const match = /^(failed )?([0-9]+) (\S+)\n$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, failed, status, at = ""] = match;
  return { hasRun: failed === undefined, status: Number(status), at };
}

export function exitPath(paths: EnginePaths, id: string): string {
  return `${containerDirectory(paths, id)}/exit`;
}

/** Where a cgroup's freezer may be: on unified, hybrid and v1 hosts, with what a frozen one reads as. Source: cgroups(7). */
const FREEZERS = [
  { mount: "/sys/fs/cgroup", file: "cgroup.freeze", frozen: "1" },
  { mount: "/sys/fs/cgroup/unified", file: "cgroup.freeze", frozen: "1" },
  { mount: "/sys/fs/cgroup/freezer", file: "freezer.state", frozen: "FR" },
] as const;

function isFrozen(record: ContainerRecord): boolean {
  const path = containerCgroup(record);
  return FREEZERS.some(
    ({ mount, file, frozen }) => readTextIfExists(`${mount}${path}/${file}`)?.startsWith(frozen) === true,
  );
}
