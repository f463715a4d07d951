import type { JsonPointer } from "../../base/json-pointer.ts";
import type { PlanDraft } from "../draft.ts";
import type { HostFacts } from "../host-facts.ts";
import type { PlanInput, Process } from "../plan-input.ts";
import { mountContextProblems } from "./annotations.ts";

/** The profile or label that the command gets by its execve. Source: config.md#linux-process, apparmor(7), selinux(8). */
export function addSecurityModules(
  draft: PlanDraft,
  { apparmorProfile, selinuxLabel }: Process,
  host: HostFacts,
): void {
  if (apparmorProfile) {
    const from = { config: "/process/apparmorProfile" } as const;
    if (host.apparmor) {
      draft.add("init", from, {
        op: "lsm.write",
        path: "/proc/self/attr/apparmor/exec",
        value: `exec ${apparmorProfile}`,
      });
    } else {
      refuse(draft, from.config, apparmorProfile, "AppArmor");
    }
  }
  if (selinuxLabel) {
    const from = { config: "/process/selinuxLabel" } as const;
    if (host.selinux) draft.add("init", from, { op: "lsm.write", path: "/proc/self/attr/exec", value: selinuxLabel });
    else refuse(draft, from.config, selinuxLabel, "SELinux");
  }
}

/** A label means something to SELinux only; hosts without it are asked to use the same bundles. */
export function checkMountLabel(draft: PlanDraft, { config, host }: Pick<PlanInput, "config" | "host">): void {
  const label = config.linux?.mountLabel;
  if (!label) return;
  draft.problems.push(...mountContextProblems(config));
  if (host.selinux === true) return;
  draft.problems.push({
    code: "MOUNT_LABEL_UNUSED",
    severity: "warning",
    pointer: "/linux/mountLabel",
    value: JSON.stringify(label),
    message: "is not applied: SELinux is not enabled on this host",
    spec: "config-linux.md#mount-label",
  });
}

function refuse(draft: PlanDraft, pointer: JsonPointer, value: string, module: string): void {
  draft.problems.push({
    code: "SECURITY_MODULE_MISSING",
    severity: "error",
    pointer,
    value: JSON.stringify(value),
    message: `cannot be applied: ${module} is not enabled on this host`,
    spec: "config.md#linux-process",
    fix: `remove it, or boot the host with ${module}`,
  });
}
