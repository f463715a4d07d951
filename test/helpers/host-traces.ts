import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a container has on the host: found by its id or by its bundle's and state root's directory. */
export interface HostTraces {
  /** Mount points of the host's mount namespace. */
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  /** Pid and command line of those alive. */
  readonly processes: readonly string[];
}

export interface ContainerMarks {
  /** Unique on this machine. */
  readonly id: string;
  /** A directory that only this test uses. */
  readonly directory: string;
}

const CGROUP_ROOT = "/sys/fs/cgroup";

/** Looks for what belongs to a container. */
export function findHostTraces(marks: ContainerMarks): HostTraces {
  return {
    mounts: readMountPoints().filter((path) => isWithin(path, marks.directory)),
    cgroups: cgroupsNamed(marks.id),
    processes: findProcesses(marks).map((pid) => `${pid} ${commandLine(pid)}`),
  };
}

/** The cgroups of any hierarchy whose name contains the text. */
export function cgroupsNamed(text: string): readonly string[] {
  return directoriesNamed(text, CGROUP_ROOT);
}

/** The pids of live processes that carry one of the marks, without this process. */
export function findProcesses(marks: ContainerMarks): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map(Number)
    .filter((pid) => isAlive(pid) && carriesMark(pid, marks));
}

function readMountPoints(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? []);
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Every directory below, of any hierarchy and of what lies between them, whose name contains the id. */
function directoriesNamed(id: string, directory: string): readonly string[] {
  return tolerant([], () =>
    readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
  ).flatMap((entry) => {
    const path = join(directory, entry.name);
    return [...(entry.name.includes(id) ? [path] : []), ...directoriesNamed(id, path)];
  });
}

function isAlive(pid: number): boolean {
  const stat = tolerant("", () => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const status = stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
  return status !== "" && status !== "Z" && status !== "X";
}

function carriesMark(pid: number, marks: ContainerMarks): boolean {
  const files = ["cmdline", "cgroup", "environ"].map((name) => `/proc/${pid}/${name}`);
  const texts = files.map((file) => tolerant("", () => readFileSync(file, "utf8")));
  const cwd = tolerant("", () => readlinkSync(`/proc/${pid}/cwd`));
  return [...texts, cwd].some((text) => hasMark(text, marks)) || hasMarkedMount(pid, marks);
}

function hasMark(text: string, { id, directory }: ContainerMarks): boolean {
  return text.includes(id) || text.includes(directory);
}

/**
 * Whether a part of what the container has is mounted for the process. What a test mounts on the host does not count: it
 * is in the table of every process there, and stays in the copies of it that others have, such as another test's podman.
 */
function hasMarkedMount(pid: number, marks: ContainerMarks): boolean {
  if (mountNamespace(pid) === mountNamespace(process.pid)) return false;
  const mountinfo = tolerant("", () => readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
  return mountinfo.split("\n").some((line) => {
    const [, , , mounted = "", place = ""] = line.split(" ");
    return hasMark(mounted, marks) && !isWithin(place, marks.directory);
  });
}

function mountNamespace(pid: number): string {
  return tolerant("", () => readlinkSync(`/proc/${pid}/ns/mnt`));
}

function commandLine(pid: number): string {
  return tolerant("", () => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
}

/** Processes and cgroups come and go while this looks: what is gone counts as empty. */
function tolerant<Value>(gone: Value, look: () => Value): Value {
  try {
    return look();
  } catch {
    return gone;
  }
}
