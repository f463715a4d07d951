import type { Origin } from "../../base/origin.ts";
import { MS } from "../../linux/mount-flags.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";

/** Source: config-linux.md#rootfs-mount-propagation. */
const PROPAGATION: Readonly<Record<string, number>> = {
  shared: MS.SHARED,
  slave: MS.SLAVE,
  private: MS.PRIVATE,
  unbindable: MS.UNBINDABLE,
  rshared: MS.SHARED | MS.REC,
  rslave: MS.SLAVE | MS.REC,
  rprivate: MS.PRIVATE | MS.REC,
  runbindable: MS.UNBINDABLE | MS.REC,
};

function rootfsPropagation({ config }: PlanInput): number | undefined {
  const name = config.linux?.rootfsPropagation;
  return name === undefined ? undefined : PROPAGATION[name];
}

/** The root filesystem's path, absolute; a relative one is meant from the bundle. Source: config.md#root. */
export function rootfsPath(path: string, bundle: string): string {
  return path.startsWith("/") ? path : `${bundle}/${path}`;
}

export function openRootfs(draft: PlanDraft, input: PlanInput): number {
  const slot = draft.newSlot();
  draft.add("parent", { config: "/root/path" }, { op: "tree.open", slot, path: input.rootfs, recursive: 1 });
  return slot;
}

/**
 * The first mount steps: nothing that is mounted from here on may reach the host, unless the config says that the root
 * is shared. Slot 0 means that the init opens the root filesystem by itself.
 */
export function addRootfs(draft: PlanDraft, input: PlanInput, slot: number): void {
  const propagation = rootfsPropagation(input);
  const from: Origin =
    propagation === undefined
      ? { implied: "config-linux.md#mount-namespaces" }
      : { config: "/linux/rootfsPropagation" };
  const isShared = propagation !== undefined && (propagation & MS.SHARED) !== 0;
  const isPrivate = propagation !== undefined && (propagation & MS.PRIVATE) !== 0;
  const flags = MS.REC | (isShared ? MS.SHARED : isPrivate ? MS.PRIVATE : MS.SLAVE);
  draft.add("init", from, { op: "mount.propagation", path: "/", flags });
  draft.add(
    "init",
    { config: "/root/path" },
    {
      op: "root.attach",
      path: input.rootfs,
      slot,
      privateParent: isShared ? 1 : 0,
    },
  );
}

/** The container's root becomes the root of everything it can name. */
export function addPivot(draft: PlanDraft, input: PlanInput): void {
  const { host, rootfs } = input;
  const hidden = (host.kernelMounts ?? []).filter((path) => !`${path}/`.startsWith(`${rootfs}/`));
  if (input.noPivot) draft.add("init", { flag: "--no-pivot" }, { op: "root.move", hidden });
  else draft.add("init", { config: "/root/path" }, { op: "root.pivot" });
}

/** What protects the finished root filesystem. Paths that do not exist need no protection. */
export function addProtection(draft: PlanDraft, input: PlanInput): void {
  const { config } = input;
  const propagation = rootfsPropagation(input);
  if (propagation !== undefined) {
    draft.add("init", { config: "/linux/rootfsPropagation" }, { op: "root.propagation", flags: propagation });
  }
  if (config.root?.readonly !== true) return;
  const { cwd = "/" } = config.process ?? {};
  if (cwd !== "/") draft.add("init", { config: "/process/cwd" }, { op: "cwd.make", path: cwd });
  draft.add("init", { config: "/root/readonly" }, { op: "root.readonly" });
}

/** Source: config-linux.md#readonly-paths and #masked-paths. */
export function addPathProtection(draft: PlanDraft, { config }: PlanInput): void {
  for (const [path, index] of firstPlaces(config.linux?.readonlyPaths)) {
    draft.add("init", { config: `/linux/readonlyPaths/${index}` }, { op: "path.readonly", path });
  }
  for (const [path, index] of firstPlaces(config.linux?.maskedPaths)) {
    draft.add("init", { config: `/linux/maskedPaths/${index}` }, { op: "path.mask", path });
  }
}

/** Callers join lists: a path that is named twice needs one mount. */
function firstPlaces(paths: readonly string[] = []): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [index, path] of paths.entries()) if (!places.has(path)) places.set(path, index);
  return places;
}
