import type { Problem } from "../../base/problem.ts";
import type { Config } from "../../config/types.gen.ts";

/**
 * Annotations that change what is done with a container, by the names that podman, buildah and CRI-O set for crun. Source:
 * crun(1), "Extensions to OCI".
 */
export const KEEP_GROUPS = "run.oci.keep_original_groups";
export const MOUNT_CONTEXT_TYPE = "run.oci.mount_context_type";

/** Whether the process keeps the groups of the runtime's caller: podman's `--group-add keep-groups`. */
export function keepsGroups({ annotations = {} }: Pick<Config, "annotations">): boolean {
  return (annotations[KEEP_GROUPS] ?? "0") !== "0";
}

const CONTEXT_TYPES: readonly string[] = ["context", "fscontext", "defcontext", "rootcontext"];

/** The mount option that gives a filesystem its SELinux label. Source: mount(8), "context=". */
export function mountContextType({ annotations = {} }: Pick<Config, "annotations">): string {
  return annotations[MOUNT_CONTEXT_TYPE] ?? "context";
}

export function mountContextProblems(config: Pick<Config, "annotations">): readonly Problem[] {
  const type = mountContextType(config);
  if (CONTEXT_TYPES.includes(type)) return [];
  return [
    {
      code: "MOUNT_CONTEXT_TYPE",
      severity: "error",
      pointer: `/annotations/${MOUNT_CONTEXT_TYPE}`,
      value: JSON.stringify(type),
      message: `must be one of ${CONTEXT_TYPES.join(", ")}`,
      fix: 'leave it out for "context"',
      spec: "config-linux.md#mount-label",
    },
  ];
}
