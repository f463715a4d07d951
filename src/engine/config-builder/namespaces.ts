import type { Namespace } from "../../config/types.gen.ts";
import type { HostConfig } from "../container/container-config.ts";
import type { BundleInput, NamespaceChoice } from "./bundle-input.ts";

/** linux.namespaces: the host's are left out. */
export function namespacesOf(input: BundleInput): readonly Namespace[] {
  const isCgroupPrivate = hasPrivateCgroups(input.hostConfig, input.host.isCgroup2);
  return [
    ...one("pid", input.pid),
    ...one("network", input.network),
    ...one("ipc", input.ipc),
    ...one("uts", input.uts),
    { type: "mount" },
    ...one("cgroup", isCgroupPrivate ? "new" : "host"),
  ];
}

/** Whether it gets a cgroup namespace; where nothing was said, as docker decides it. */
export function hasPrivateCgroups({ CgroupnsMode, Privileged }: HostConfig, isCgroup2: boolean): boolean {
  return CgroupnsMode === "" ? isCgroup2 && !Privileged : CgroupnsMode === "private";
}

function one(type: Namespace["type"], choice: NamespaceChoice): readonly Namespace[] {
  if (choice === "host") return [];
  return [choice === "new" ? { type } : { type, path: choice.path }];
}
