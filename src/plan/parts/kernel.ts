import { sysctlFile } from "../../linux/sysctls.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";

/** The names of the uts namespace. Source: config.md#hostname. */
export function addNames(draft: PlanDraft, { config }: PlanInput): void {
  if (config.hostname) draft.add("init", { config: "/hostname" }, { op: "uts.hostname", name: config.hostname });
  if (config.domainname)
    draft.add("init", { config: "/domainname" }, { op: "uts.domainname", name: config.domainname });
}

/** Kernel parameters of the container's namespaces. Source: config-linux.md#sysctl. */
export function addSysctls(draft: PlanDraft, { config }: PlanInput): void {
  for (const [name, value] of Object.entries(config.linux?.sysctl ?? {})) {
    const token = name.replaceAll("~", "~0").replaceAll("/", "~1");
    draft.add(
      "init",
      { config: `/linux/sysctl/${token}` },
      { op: "sysctl.write", path: `/proc/sys/${sysctlFile(name)}`, value },
    );
  }
}
