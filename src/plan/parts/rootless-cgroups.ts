import type { Problem } from "../../base/problem.ts";
import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";

/** The one thing to know where a container gets no cgroup at all; a limit that it should have had is an error by itself. */
export function cgroupWarnings({ directories, scope, problems }: CgroupPlan): readonly Problem[] {
  if (directories.length > 0 || scope !== undefined || problems.some(({ severity }) => severity === "error")) return [];
  return [
    {
      code: "CGROUP_NONE",
      severity: "warning",
      pointer: "/linux/cgroupsPath",
      message: "is without effect: this user can make no cgroup here, so the container cannot be limited or paused",
      fix: 'run as root, or in a delegated cgroup: "systemd-run --user --scope --property=Delegate=yes"',
      spec: "config-linux.md#control-groups",
    },
  ];
}
