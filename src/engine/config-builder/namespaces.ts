import type { Namespace } from "../../config/types.gen.ts";
import type { BundleInput, NamespaceChoice } from "./bundle-input.ts";

/** linux.namespaces: the host's are left out. */
export function namespacesOf(input: BundleInput): readonly Namespace[] {
  const { hostConfig, host } = input;
  const isCgroupPrivate =
    hostConfig.CgroupnsMode === "" ? host.isCgroup2 && !hostConfig.Privileged : hostConfig.CgroupnsMode === "private";
  return [
    ...one("pid", input.pid),
    ...one("network", input.network),
    ...one("ipc", input.ipc),
    ...one("uts", input.uts),
    { type: "mount" },
    ...one("cgroup", isCgroupPrivate ? "new" : "host"),
  ];
}

function one(type: Namespace["type"], choice: NamespaceChoice): readonly Namespace[] {
  if (choice === "host") return [];
  return [choice === "new" ? { type } : { type, path: choice.path }];
}
