import { addNamespace, checkAbsolutePaths, namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config-linux.md#masked-paths, config-linux.md#readonly-paths. */
export const pathRules: RuleArea = {
  about: ["/linux/maskedPaths", "/linux/readonlyPaths"],
  also: ["/linux/namespaces"],
  check(config, found) {
    const { maskedPaths = [], readonlyPaths = [] } = config.linux ?? {};
    const masked = { pointer: "/linux/maskedPaths", spec: "config-linux.md#masked-paths" } as const;
    const readonly = { pointer: "/linux/readonlyPaths", spec: "config-linux.md#readonly-paths" } as const;
    checkAbsolutePaths({ ...masked, code: "MASKED_PATH_RELATIVE" }, maskedPaths, found);
    checkAbsolutePaths({ ...readonly, code: "READONLY_PATH_RELATIVE" }, readonlyPaths, found);
    if (namespaceOf(config, "mount") !== undefined) return;
    const message = "needs a mount namespace of the container's own: without one it would hide the host's files";
    for (const [place, paths] of [
      [masked, maskedPaths],
      [readonly, readonlyPaths],
    ] as const) {
      if (paths.length === 0) continue;
      found.error({ ...place, code: "PATHS_MOUNT_NAMESPACE", value: paths, message, fix: addNamespace("mount") });
    }
  },
};
