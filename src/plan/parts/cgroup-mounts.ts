import { isUnifiedHost } from "../../cgroup/facts.ts";
import { MOUNT_ATTR } from "../../linux/mount-flags.ts";
import type { MountOptions } from "../../linux/mount-options.ts";
import type { Mount } from "../plan-input.ts";
import { addRecursiveAttributes, type MountContext, mountOrigin, mountTarget, propagationList } from "./mounts.ts";

/**
 * A mount of type cgroup: on a unified host the one hierarchy; with v1 a tmpfs with a directory for each hierarchy, as
 * hosts have it. Without a cgroup namespace, the container's own cgroups are bound, so that it sees no others.
 * Source: config-linux.md#cgroup-path, cgroups(7).
 */
export function addCgroupMount(context: MountContext, mount: Mount, index: number, options: MountOptions): void {
  if (isUnifiedHost(context.input.host.cgroup)) addUnified(context, mount, index, options);
  else addHierarchies(context, mount, index, options);
  addRecursiveAttributes(context.draft, mountTarget(mount, context.input), index, options);
}

function addUnified(context: MountContext, mount: Mount, index: number, options: MountOptions): void {
  // Who may make no cgroup may not mount the hierarchy either, and gets to see the host's, as the caller does.
  const own = context.cgroup.paths.v2 ?? context.input.host.cgroup.v2?.mountpoint;
  const target = mountTarget(mount, context.input);
  if (context.hasCgroupNamespace || own === undefined) {
    context.draft.add("init", mountOrigin(index), {
      op: "mount.fs",
      type: "cgroup2",
      source: mount.source ?? "cgroup",
      target,
      data: options.data,
      attr: options.attrSet,
      propagation: propagationList(options),
      flags: 0,
    });
  } else {
    bind(context, index, own, target, options);
  }
}

function bind({ draft }: MountContext, index: number, source: string, target: string, options: MountOptions): void {
  const slot = draft.newSlot();
  const from = mountOrigin(index);
  draft.add("init", from, { op: "tree.open", slot, path: source, recursive: 0 });
  draft.add("init", from, {
    op: "mount.attach",
    slot,
    source,
    target,
    attrSet: options.attrSet,
    attrClear: options.attrClear,
    recursiveSet: 0,
    recursiveClear: 0,
    propagation: propagationList(options),
    flags: 0,
  });
  draft.freeSlot(slot);
}

function addHierarchies(context: MountContext, mount: Mount, index: number, options: MountOptions): void {
  const { draft, input, cgroup } = context;
  const from = mountOrigin(index);
  const target = mountTarget(mount, context.input);
  const attr = options.attrSet & ~MOUNT_ATTR.RDONLY;
  const propagation = propagationList(options);
  draft.add("init", from, {
    op: "mount.fs",
    type: "tmpfs",
    source: "tmpfs",
    target,
    data: ["mode=755"],
    attr,
    propagation,
    flags: 0,
  });
  for (const { controllers, name } of input.host.cgroup.v1) {
    const own = cgroup.paths.v1[name === undefined ? (controllers[0] ?? "") : `name=${name}`];
    if (own === undefined) continue;
    const directory = name ?? controllers.join();
    addHierarchy(
      context,
      index,
      { own, target: `${target}/${directory}`, controllers, ...(name && { name }) },
      options,
    );
    if (controllers.length > 1) {
      for (const controller of controllers) {
        draft.add("init", from, { op: "dev.symlink", path: `${target}/${controller}`, target: directory });
      }
    }
  }
  if ((options.attrSet & MOUNT_ATTR.RDONLY) === 0) return;
  const readonly = { attrSet: MOUNT_ATTR.RDONLY, attrClear: 0, recursive: 0, propagation: [] };
  draft.add("init", from, { op: "mount.attr", target, ...readonly });
}

interface HierarchyMount {
  readonly own: string;
  readonly target: string;
  readonly controllers: readonly string[];
  readonly name?: string;
}

/** In a cgroup namespace a mount of the hierarchy itself starts at the container's cgroup. */
function addHierarchy(context: MountContext, index: number, hierarchy: HierarchyMount, options: MountOptions): void {
  if (!context.hasCgroupNamespace) {
    bind(context, index, hierarchy.own, hierarchy.target, options);
    return;
  }
  context.draft.add("init", mountOrigin(index), {
    op: "mount.fs",
    type: "cgroup",
    source: "cgroup",
    target: hierarchy.target,
    data: hierarchy.name === undefined ? hierarchy.controllers : ["none", `name=${hierarchy.name}`],
    attr: options.attrSet,
    propagation: [],
    flags: 0,
  });
}
