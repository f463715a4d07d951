import { pointerTo } from "../../base/json-pointer.ts";
import { type Problem, shownValue } from "../../base/problem.ts";
import type { CgroupPath } from "../cgroup-path.ts";

/** The unit that linux.cgroupsPath names, and where its cgroup is below the manager's. */
export interface ScopeName extends CgroupPath {
  readonly unit: string;
  readonly slice: string;
}

const POINTER = pointerTo("/linux", "cgroupsPath");
const DEFAULT_PREFIX = "mydocker";

/**
 * Reads linux.cgroupsPath as "slice:prefix:name", the way it is written for systemd: the unit is "prefix-name.scope".
 * Absent, it is the container's id in the slice for services or, for users, in their own. Source: the convention of runc's
 * docs/systemd.md; systemd.unit(5), systemd.slice(5).
 */
export function resolveScope(cgroupsPath: string | undefined, id: string, user: boolean): ScopeName {
  const isAbsent = cgroupsPath === undefined || cgroupsPath === "";
  const fallback = user ? "user.slice" : "system.slice";
  const parts = isAbsent ? [fallback, DEFAULT_PREFIX, id] : cgroupsPath.split(":");
  const [slice = "", prefix = "", name = ""] = parts;
  const unit = `${prefix === "" ? name : `${prefix}-${name}`}.scope`;
  const used = slice === "" ? fallback : slice;
  return {
    unit,
    slice: used,
    names: [...expandedSlice(used), unit],
    from: isAbsent ? { implied: "config-linux.md#cgroups-path" } : { config: POINTER },
    problems: isAbsent ? [] : problemsOf(cgroupsPath, parts, unit, used),
  };
}

/** "a-b.slice" is in "a.slice"; "-.slice" is the manager's own. Source: systemd.slice(5). */
function expandedSlice(slice: string): readonly string[] {
  if (slice === "-.slice") return [];
  const words = slice.slice(0, -".slice".length).split("-");
  return words.map((_, index) => `${words.slice(0, index + 1).join("-")}.slice`);
}

/** Source: systemd.unit(5), "Unit names". */
const UNIT_NAME = /^[A-Za-z0-9:_.\\@-]{1,255}$/;
const SLICE_NAME = /^(-|[A-Za-z0-9:_.\\@]+(-[A-Za-z0-9:_.\\@]+)*)\.slice$/;

function problemsOf(path: string, parts: readonly string[], unit: string, slice: string): readonly Problem[] {
  const about = {
    code: "CGROUP_PATH_SYSTEMD",
    severity: "error",
    pointer: POINTER,
    value: shownValue(path),
    spec: "config-linux.md#cgroups-path",
  } as const;
  if (parts.length !== 3 || parts[2] === "") {
    const message = 'must be "slice:prefix:name" where systemd makes the cgroups';
    return [{ ...about, message, fix: "write it so, or leave --systemd-cgroup out" }];
  }
  const problems: Problem[] = [];
  if (!SLICE_NAME.test(slice)) {
    problems.push({ ...about, message: `names the slice "${slice}", which must be a name such as "machine.slice"` });
  }
  if (!UNIT_NAME.test(unit)) {
    const message = `makes the unit "${unit}", whose name must be at most 255 letters, digits and ":_.\\@-"`;
    problems.push({ ...about, message });
  }
  return problems;
}
