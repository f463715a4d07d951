import { valueAt } from "../value-at.ts";
import { addNamespace, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

const NEEDS_MOUNT_NAMESPACE = ["/root/readonly", "/mounts", "/linux/devices", "/linux/rootfsPropagation"] as const;

/** What would change the host's own tree is left out, and told. Source: config-linux.md#namespaces. */
export const mountNamespaceRules: RuleArea = {
  about: NEEDS_MOUNT_NAMESPACE,
  also: ["/linux/namespaces"],
  check(config, found) {
    if (namespaceOf(config, "mount") !== undefined) return;
    for (const pointer of NEEDS_MOUNT_NAMESPACE) {
      const value = valueAt(config, pointer);
      if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
      found.warning({
        code: "MOUNT_NAMESPACE_MISSING",
        pointer,
        value,
        message: "is left out: without a mount namespace of the container's own it would change the host's tree",
        fix: addNamespace("mount"),
        spec: "config-linux.md#namespaces",
      });
    }
  },
};
