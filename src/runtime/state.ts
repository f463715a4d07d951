import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { readState } from "../state/store.ts";
import type { ContainerState, RuntimeContext } from "./options.ts";

/** What a container is now. Throws StateError ERR_CONTAINER_NOT_FOUND. Source: runtime.md#state. */
export function containerState(context: RuntimeContext, { id }: { readonly id: string }): ContainerState {
  return stateOf(context.root, readState(context.root, id));
}

/** Joins the stored state with what the kernel says. */
export function stateOf(root: string, stored: StoredState): ContainerState {
  const status = statusOf(stored, `${root}/${stored.id}`);
  const { ociVersion, id, bundle, rootfs, created, annotations, owner } = stored;
  return {
    ociVersion,
    id,
    pid: status === "stopped" ? 0 : stored.pid,
    status,
    bundle,
    rootfs,
    created,
    ...(annotations !== undefined && { annotations }),
    owner,
  };
}
