import type { Problem } from "../../base/problem.ts";
import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";

/**
 * The one thing to know where a container gets no cgroup at all: a warning, unless the caller has said that it is nobody
 * who must do without. A limit that it should have had is an error by itself.
 */
export function missingCgroup(cgroup: CgroupPlan, isRequired: boolean): readonly Problem[] {
  const { directories, scope, problems } = cgroup;
  if (directories.length > 0 || scope !== undefined || problems.some(({ severity }) => severity === "error")) return [];
  return [
    {
      code: "CGROUP_NONE",
      severity: isRequired ? "error" : "warning",
      pointer: "/linux/cgroupsPath",
      message: isRequired
        ? "cannot be made: this user can make no cgroup here, and --rootless=false asks for one"
        : "is without effect: this user can make no cgroup here, so the container cannot be limited or paused",
      fix: 'run as root, or in a delegated cgroup: "systemd-run --user --scope --property=Delegate=yes"',
      spec: "config-linux.md#control-groups",
    },
  ];
}
