import { fine, type HostFinding, lacking } from "../base/host-finding.ts";
import { CONTROLLERS } from "../cgroup/controllers.ts";
import { type CgroupFacts, isUnifiedHost } from "../cgroup/facts.ts";
import type { DoctorFacts } from "./doctor-facts.ts";

/** How containers can be limited here. Pure. Source: cgroups(7), the kernel's cgroup-v2.rst. */
export function cgroupFindings({ host, systemd }: DoctorFacts): readonly HostFinding[] {
  const { cgroup } = host;
  const { isPrivileged } = host;
  return [hierarchyFinding(cgroup, isPrivileged), controllerFinding(cgroup, isPrivileged), systemdFinding(systemd)];
}

/** The line that lets an ordinary user's service manager have the usual controllers. Source: systemd.resource-control(5). */
const DELEGATION =
  'as root: systemctl edit user@.service, with "[Service]" and "Delegate=cpu cpuset io memory pids", and log in again';

function hierarchyFinding(facts: CgroupFacts, isPrivileged: boolean): HostFinding {
  const name = "cgroups";
  const mode = modeOf(facts);
  const hierarchies = [...facts.v1, ...(facts.v2 === undefined ? [] : [facts.v2])];
  if (hierarchies.length === 0) {
    const effect = "containers cannot be limited, paused or listed with all their processes";
    const fix = "mount -t cgroup2 cgroup2 /sys/fs/cgroup";
    return lacking("warning", { name, seen: "none is mounted", effect, fix });
  }
  const closed = hierarchies.filter(({ writable }) => !writable).map(({ mountpoint }) => mountpoint);
  if (closed.length === 0) return fine(name, mode);
  const isAll = closed.length === hierarchies.length;
  return lacking("warning", {
    name,
    seen: `${mode}, and the caller can make none in ${isAll ? "any hierarchy" : closed.join(", ")}`,
    effect: isAll ? "containers are in no cgroup of their own: no limits, no pause" : "limits of these are refused",
    fix: isPrivileged ? "mount them read-write" : delegationFix(facts),
  });
}

function modeOf(facts: CgroupFacts): string {
  if (isUnifiedHost(facts)) return "v2 (unified)";
  return facts.v2 === undefined ? "v1" : "v1 and v2 (hybrid)";
}

/** Those that limits of a usual config need. */
const USUAL: readonly string[] = ["cpu", "cpuset", "memory", "pids", "blkio"];

function controllerFinding(facts: CgroupFacts, isPrivileged: boolean): HostFinding {
  const name = "controllers";
  const usable = facts.v1.filter(({ writable }) => writable).flatMap(({ controllers }) => controllers);
  const unified = facts.v2?.writable === true ? facts.v2.controllers : [];
  const usual = CONTROLLERS.filter(({ v1 }) => USUAL.includes(v1));
  const absent = usual.filter(({ v1, v2 = "" }) => !usable.includes(v1) && !unified.includes(v2));
  const seen = [...usable, ...unified].join(", ") || "none that the caller can use";
  if (absent.length === 0) return fine(name, seen);
  const names = absent.map(({ v1, v2 }) => (isUnifiedHost(facts) ? (v2 ?? v1) : v1));
  return lacking("warning", {
    name,
    seen: `${seen}; without ${names.join(", ")}`,
    effect: `limits of ${names.join(", ")} are refused`,
    fix: isPrivileged ? controllerFix(facts, names) : delegationFix(facts),
  });
}

/** For who could use them if they were there. */
function controllerFix(facts: CgroupFacts, names: readonly string[]): string {
  const mounted = facts.v1.flatMap(({ controllers }) => controllers);
  if (names.every((name) => mounted.includes(name))) return "mount their hierarchies read-write";
  return `boot a kernel that has them${names.includes("memory") ? ', with "cgroup_enable=memory"' : ""}, and mount them`;
}

/** An ordinary user has controllers where they are delegated, which is safe with v2 only. Source: cgroups(7). */
function delegationFix(facts: CgroupFacts): string {
  return isUnifiedHost(facts) ? DELEGATION : 'boot with "systemd.unified_cgroup_hierarchy=1", or run as root';
}

function systemdFinding(systemd: DoctorFacts["systemd"]): HostFinding {
  if ("version" in systemd) return fine("systemd", `version ${systemd.version}`);
  const { problem, fix } = systemd;
  const about = { name: "systemd", seen: problem.replace(/^.*?: /, ""), effect: "--systemd-cgroup is refused" };
  return lacking("warning", { ...about, ...(fix !== undefined && { fix }) });
}
