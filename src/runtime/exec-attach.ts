import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { attachCommand } from "../cgroup/systemd/bus-call.ts";
import type { Scope } from "../cgroup/systemd/scope.ts";
import type { ExecInput } from "../plan/exec-input.ts";
import type { StoredState } from "../state/schema.ts";
import { isWritable } from "../sys/files.ts";
import { systemdProgram } from "../sys/probe-systemd.ts";

/**
 * How a process gets to the cgroup of a container in a unit of the caller's own manager; undefined where it can be born
 * there. A user moves processes only where it owns cgroup.procs of a cgroup above both ends, and a login's session is not
 * below its manager: the manager, which root's stands by, can. Source: cgroups(7), "Delegation containment".
 */
export function attachOf(
  { cgroup }: StoredState,
  target: CgroupPaths,
  ownDirectory: string | undefined,
): ExecInput["attach"] {
  const { scope, v2 } = cgroup;
  if (scope?.user !== true || v2 === undefined || target.v2 === undefined) return undefined;
  const common = ownDirectory === undefined ? undefined : commonDirectory(ownDirectory, target.v2);
  if (common !== undefined && isWritable(`${common}/cgroup.procs`)) return undefined;
  return attachTo(scope, target.v2, target.v2.slice(v2.length));
}

function attachTo({ unit }: Scope, directory: string, below: string): ExecInput["attach"] {
  return { unit, directory, command: attachCommand({ busctl: systemdProgram("busctl"), user: true }, unit, below) };
}

/** The directory that is above both, or one of them. */
export function commonDirectory(one: string, other: string): string {
  const names = one.split("/");
  const others = other.split("/");
  const length = names.findIndex((name, index) => name !== others[index]);
  return (length === -1 ? names : names.slice(0, length)).join("/");
}
