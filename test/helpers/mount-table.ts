/** A line of /proc/PID/mountinfo. */
export interface MountEntry {
  /** The part of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
  /** Of the mount: "ro", "nosuid". */
  readonly options: readonly string[];
  /** "shared:3", "master:2", "unbindable". */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Of the file system: "size=64k". */
  readonly superOptions: readonly string[];
}

/** Reads a mount table. Source: proc_pid_mountinfo(5). */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseLine);
}

/** The mount that is seen at a path: the last one there. */
export function mountAt(text: string, point: string): MountEntry | undefined {
  return parseMountTable(text).findLast((entry) => entry.point === point);
}

function parseLine(line: string): MountEntry {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root = "", point = "", options = "", ...propagation] = before.split(" ");
  const [type = "", source = "", superOptions = ""] = after.split(" ");
  return {
    root,
    point,
    options: options.split(","),
    propagation: propagation.filter((field) => field !== ""),
    type,
    source,
    superOptions: superOptions.split(","),
  };
}
