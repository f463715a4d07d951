import { pointerTo } from "../base/json-pointer.ts";
import type { Origin } from "../base/origin.ts";
import type { Problem } from "../base/problem.ts";
import { shownValue } from "../base/problem.ts";

/** A container's place in every hierarchy, below the directory that the hierarchy starts at. */
export interface CgroupPath {
  /** The names from the top down; never empty, none is "." or "..". */
  readonly names: readonly string[];
  readonly from: Origin;
  readonly problems: readonly Problem[];
}

/**
 * Resolves linux.cgroupsPath: absolute or relative, it is below the hierarchy's root (or, for users, below their own
 * cgroup), and ".." never leads above that. Absent, it is the container's id. Source: config-linux.md#cgroups-path.
 */
export function resolveCgroupPath(cgroupsPath: string | undefined, id: string): CgroupPath {
  if (cgroupsPath === undefined || cgroupsPath === "") {
    return { names: [id], from: { implied: "config-linux.md#cgroups-path" }, problems: [] };
  }
  const names = cleanNames(cgroupsPath);
  return { names, from: { config: POINTER }, problems: pathProblems(cgroupsPath, names) };
}

const POINTER = pointerTo("/linux", "cgroupsPath");

function cleanNames(path: string): readonly string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

/** NAME_MAX of the kernel, in bytes of UTF-8. Source: limits.h(0p). */
const NAME_MAX_BYTES = 255;
/** PATH_MAX without room for the place of the hierarchy, and for a file in the cgroup. Source: limits.h(0p). */
const PATH_MAX_BYTES = 4096 - 2 * (NAME_MAX_BYTES + 1);

function pathProblems(path: string, names: readonly string[]): readonly Problem[] {
  const about = { pointer: POINTER, value: shownValue(path), spec: "config-linux.md#cgroups-path" } as const;
  const problems: Problem[] = [];
  if (names.length === 0) {
    const message = "names the root of the hierarchy, which holds the whole host, and must name a cgroup below it";
    problems.push({
      ...about,
      code: "CGROUP_PATH_ROOT",
      severity: "error",
      message,
      fix: 'write "/<id>" or leave it out',
    });
  }
  if (/[\n\0]/.test(path)) {
    const message = "contains a newline or NUL, which no cgroup's name may";
    problems.push({ ...about, code: "CGROUP_PATH_CHARACTER", severity: "error", message });
  }
  const message = tooLong(names);
  if (message !== undefined) {
    problems.push({ ...about, code: "CGROUP_PATH_TOO_LONG", severity: "error", message });
  }
  if (names.length > 0 && path.split("/").includes("..")) {
    const message = `contains "..", which never leads above the hierarchy's root: it means "/${names.join("/")}"`;
    problems.push({ ...about, code: "CGROUP_PATH_DOTS", severity: "warning", message });
  }
  return problems;
}

function tooLong(names: readonly string[]): string | undefined {
  const long = names.find((name) => Buffer.byteLength(name) > NAME_MAX_BYTES);
  if (long !== undefined) {
    return `has a name of ${Buffer.byteLength(long)} bytes, and the longest may have ${NAME_MAX_BYTES}`;
  }
  const bytes = Buffer.byteLength(names.join("/"));
  return bytes > PATH_MAX_BYTES ? `is ${bytes} bytes long, and the longest may be ${PATH_MAX_BYTES}` : undefined;
}
