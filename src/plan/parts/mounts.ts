import type { Origin } from "../../base/origin.ts";
import type { CgroupPlan } from "../../cgroup/cgroup-plan.ts";
import { MOUNT_ATTR } from "../../linux/mount-flags.ts";
import { type MountOptions, parseMountOptions } from "../../linux/mount-options.ts";
import type { PlanDraft } from "../draft.ts";
import { addBarrier } from "../handshake.ts";
import type { Mount, PlanInput } from "../plan-input.ts";
import type { Stage } from "../step.ts";
import { mountContextType } from "./annotations.ts";
import { addCgroupMount } from "./cgroup-mounts.ts";
import { mapText } from "./namespaces.ts";

/** The numbers of `flags` in the mount ops (native/ops_mount.c). */
const ALLOW_PROC = 1;
const ORDINARY_DIRECTORY = 2;

/** fsconfig(2) copies a value of at most 255 bytes; longer ones need mount(2). */
const FSCONFIG_LIMIT = 256;

/** What the mounts of a plan share. */
export interface MountContext {
  readonly draft: PlanDraft;
  readonly input: PlanInput;
  readonly cgroup: CgroupPlan;
  readonly hasCgroupNamespace: boolean;
  readonly sources: MountSources;
}

/** Who opens the sources of bind mounts. */
export interface MountSources {
  /** Slots of those that the parent has opened, by the mount's index. */
  readonly slots: ReadonlyMap<number, number>;
  /** Whether the parent opens all of them, and not only the id-mapped ones. */
  readonly allAtParent: boolean;
}

/**
 * Opens bind sources before the container's processes exist: id-mapped ones, and all when there is a user namespace. What
 * lies in the root filesystem is left for its turn: an earlier mount may bring it.
 */
export function openMountSources(draft: PlanDraft, input: PlanInput, allAtParent: boolean): MountSources {
  const slots = new Map<number, number>();
  (input.config.mounts ?? []).forEach((mount, index) => {
    const options = mountOptions(mount);
    if (!isOpenedByParent(options, allAtParent) || isInRootfs(sourcePath(mount, input.bundle), input)) return;
    const slot = addTreeOpen(draft, "parent", input, mount, index, options);
    slots.set(index, slot);
    if (options.idmap !== false) addIdmap(draft, slot, input, mount, index, options);
  });
  return { slots, allAtParent };
}

function isOpenedByParent({ bind, idmap }: MountOptions, allAtParent: boolean): boolean {
  return bind !== false && (allAtParent || idmap !== false);
}

function isInRootfs(path: string, { rootfs }: PlanInput): boolean {
  return path.startsWith(`${rootfs}/`);
}

/** A source that the init may not open, and that is there only now: the parent opens it in the container's tree. */
function addLateSource(context: MountContext, mount: Mount, index: number, options: MountOptions): number {
  const { draft, input } = context;
  const slot = draft.newSlot();
  const from = mountOrigin(index);
  const path = sourcePath(mount, input.bundle);
  addBarrier(draft, "mounts", "init", from);
  draft.add("parent", from, { op: "tree.open_inside", slot, path, recursive: options.bind === "rbind" ? 1 : 0 });
  if (options.idmap !== false) addIdmap(draft, slot, input, mount, index, options);
  draft.add("parent", from, { op: "tree.send", slot });
  draft.add("init", from, { op: "tree.receive", slot });
  return slot;
}

function openSource(context: MountContext, mount: Mount, index: number, options: MountOptions): number {
  if (isOpenedByParent(options, context.sources.allAtParent)) return addLateSource(context, mount, index, options);
  return addTreeOpen(context.draft, "init", context.input, mount, index, options);
}

/** All mounts, in the config's order. Source: config.md#mounts. */
export function addMounts(context: MountContext): void {
  (context.input.config.mounts ?? []).forEach((mount, index) => {
    const options = mountOptions(mount);
    warnOfHostName(context, mount, index);
    if (options.remount) addRemount(context, mount, index, options);
    else if (options.bind !== false) addBind(context, mount, index, options);
    else if (mount.type === "cgroup" || mount.type === "cgroup2") addCgroupMount(context, mount, index, options);
    else addFilesystem(context, mount, index, options);
  });
}

/** `type: bind` is an old way to say the option. */
export function mountOptions(mount: Mount): MountOptions {
  const options = mount.options ?? [];
  const isBind = mount.type === "bind" && !options.includes("bind") && !options.includes("rbind");
  const parsed = parseMountOptions(isBind ? ["bind", ...options] : options);
  // Mappings of its own ask for an id-mapped mount, with or without the option that says so.
  const isMapped = hasMappings(mount) && parsed.idmap === false;
  return isMapped ? { ...parsed, idmap: "idmap" } : parsed;
}

export function mountOrigin(index: number): Origin {
  return { config: `/mounts/${index}` };
}

/** A relative destination is meant from the root. Source: config.md#mounts. */
export function mountTarget({ destination }: Mount, { rootfs }: Pick<PlanInput, "rootfs">): string {
  if (isHostName(destination, rootfs)) return destination.slice(rootfs.length);
  return destination.startsWith("/") ? destination : `/${destination}`;
}

/** Whether a destination is the host's name of a place in the root filesystem, which runc takes for that place. */
function isHostName(destination: string, rootfs: string): boolean {
  return destination.startsWith(`${rootfs}/`);
}

function warnOfHostName({ draft, input }: MountContext, { destination }: Mount, index: number): void {
  if (!isHostName(destination, input.rootfs)) return;
  const target = destination.slice(input.rootfs.length);
  draft.problems.push({
    code: "MOUNT_DESTINATION_ON_HOST",
    severity: "warning",
    pointer: `/mounts/${index}/destination`,
    value: JSON.stringify(destination),
    message: `is the host's name of "${target}" in the root filesystem, and is taken for that`,
    spec: "config.md#mounts",
    fix: `write "${target}"`,
  });
}

export function propagationList(options: MountOptions): readonly string[] {
  const MS_REC = 0x4000;
  return options.propagation.map(({ flag, recursive }) => String(recursive ? flag | MS_REC : flag));
}

function addTreeOpen(
  draft: PlanDraft,
  at: Stage,
  input: PlanInput,
  mount: Mount,
  index: number,
  options: MountOptions,
): number {
  const slot = draft.newSlot();
  const path = sourcePath(mount, input.bundle);
  draft.add(at, mountOrigin(index), { op: "tree.open", slot, path, recursive: options.bind === "rbind" ? 1 : 0 });
  return slot;
}

/** A relative source of a bind mount is meant from the bundle. Source: config.md#mounts. */
export function sourcePath(mount: Mount, bundle: string): string {
  const source = mount.source ?? "";
  return source.startsWith("/") ? source : `${bundle}/${source}`;
}

function addIdmap(
  draft: PlanDraft,
  slot: number,
  { config }: PlanInput,
  mount: Mount,
  index: number,
  options: MountOptions,
): void {
  const recursive = options.idmap === "ridmap" ? 1 : 0;
  const joined = config.linux?.namespaces?.find(({ type }) => type === "user")?.path ?? "";
  if (!hasMappings(mount) && joined !== "") {
    draft.add("parent", mountOrigin(index), { op: "tree.idmap_like", slot, path: joined, recursive });
    return;
  }
  const { uidMappings: uid = [], gidMappings: gid = [] } = hasMappings(mount) ? mount : (config.linux ?? {});
  const maps = { uidMap: mapText(uid), gidMap: mapText(gid) };
  draft.add("parent", mountOrigin(index), { op: "tree.idmap", slot, ...maps, recursive });
}

function hasMappings({ uidMappings = [] }: Mount): boolean {
  return uidMappings.length > 0;
}

function addBind(context: MountContext, mount: Mount, index: number, options: MountOptions): void {
  const { draft, input } = context;
  const openSlot = context.sources.slots.get(index);
  const slot = openSlot ?? openSource(context, mount, index, options);
  const target = mountTarget(mount, input);
  draft.add("init", mountOrigin(index), {
    op: "mount.attach",
    slot,
    source: sourcePath(mount, input.bundle),
    target,
    attrSet: options.attrSet,
    attrClear: options.attrClear | impliedClear(options, input),
    recursiveSet: options.recAttrSet,
    recursiveClear: options.recAttrClear,
    propagation: propagationList(options),
    flags: procFlag(mount, target),
  });
  if (openSlot === undefined) draft.freeSlot(slot);
}

/** What a user namespace locks in the mounts that come from outside of it. Source: mount_namespaces(7). */
const LOCKABLE = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;

/**
 * A bind mount without flags of its own has those of its source; one with flags has these alone, as mount(8) and runc
 * have it, but for the access times, and for what a user namespace would lock. Source: config.md#linux-mount-options.
 */
function impliedClear({ attrSet, attrClear }: MountOptions, { config, host }: PlanInput): number {
  if (attrSet === 0 && attrClear === 0) return 0;
  const hasUser = !host.isInitialUserNamespace || config.linux?.namespaces?.some(({ type }) => type === "user");
  return (MOUNT_ATTR.NOSYMFOLLOW | (hasUser ? 0 : LOCKABLE)) & ~attrSet;
}

function addRemount({ draft, input }: MountContext, mount: Mount, index: number, options: MountOptions): void {
  draft.add("init", mountOrigin(index), {
    op: "mount.attr",
    target: mountTarget(mount, input),
    attrSet: options.attrSet,
    attrClear: options.attrClear,
    recursive: 0,
    propagation: propagationList(options),
  });
}

function addFilesystem({ draft, input }: MountContext, mount: Mount, index: number, options: MountOptions): void {
  const type = mount.type ?? "";
  const source = mount.source ?? type;
  const target = mountTarget(mount, input);
  const label = mountLabel(input);
  const data = label === undefined || !takesLabel(type) ? options.data : [...options.data, label];
  const common = { type, source, target, propagation: propagationList(options), flags: targetFlags(mount, target) };
  if (options.tmpcopyup) {
    const attr = options.attrSet;
    const { flags: _flags, ...copy } = common;
    // The copy is written before the mount becomes read-only; its superblock stays writable.
    const sb = options.sbFlags.filter((flag) => flag !== "ro");
    draft.add("init", mountOrigin(index), { op: "mount.copy_up", ...copy, data: [...sb, ...data], attr });
  } else if (options.needsMount2 || data.some((datum) => datum.length >= FSCONFIG_LIMIT)) {
    draft.add("init", mountOrigin(index), {
      op: "mount.classic",
      ...common,
      data: data.join(","),
      mountFlags: options.mountFlags,
    });
  } else {
    const { attr, sbFlags } = isReadonlyDev(mount, options, input)
      ? writableAtFirst(options)
      : { attr: options.attrSet, sbFlags: options.sbFlags };
    draft.add("init", mountOrigin(index), { op: "mount.fs", ...common, data: [...sbFlags, ...data], attr });
  }
  addRecursiveAttributes(draft, target, index, options);
}

/** The devices are made in /dev after the mounts: a read-only one is writable until then. */
function isReadonlyDev(mount: Mount, { attrSet }: MountOptions, input: PlanInput): boolean {
  return mountTarget(mount, input).replace(/\/+$/, "") === "/dev" && (attrSet & MOUNT_ATTR.RDONLY) !== 0;
}

function writableAtFirst({ attrSet, sbFlags }: MountOptions): { attr: number; sbFlags: readonly string[] } {
  return { attr: attrSet & ~MOUNT_ATTR.RDONLY, sbFlags: sbFlags.filter((flag) => flag !== "ro") };
}

/** What addMounts has left writable becomes read-only, when nothing is made there any more. */
export function addReadonlyDev(draft: PlanDraft, input: PlanInput): void {
  (input.config.mounts ?? []).forEach((mount, index) => {
    const options = mountOptions(mount);
    if (options.bind !== false || options.remount || !isReadonlyDev(mount, options, input)) return;
    const readonly = { attrSet: MOUNT_ATTR.RDONLY, attrClear: 0, recursive: 0, propagation: [] };
    draft.add("init", mountOrigin(index), { op: "mount.attr", target: mountTarget(mount, input), ...readonly });
  });
}

/** Without SELinux the kernel knows no such option, and nothing is labelled: see lsm.ts, which says so. */
function mountLabel({ config, host }: PlanInput): string | undefined {
  const label = config.linux?.mountLabel;
  return host.selinux === true && label ? `${mountContextType(config)}="${label}"` : undefined;
}

/** proc and sysfs label their files by themselves. */
function takesLabel(type: string): boolean {
  return type !== "proc" && type !== "sysfs";
}

export function addRecursiveAttributes(draft: PlanDraft, target: string, index: number, options: MountOptions): void {
  if (options.recAttrSet === 0 && options.recAttrClear === 0) return;
  draft.add("init", mountOrigin(index), {
    op: "mount.attr",
    target,
    attrSet: options.recAttrSet,
    attrClear: options.recAttrClear,
    recursive: 1,
    propagation: [],
  });
}

/** Files of proc that container managers replace by ones of their own (lxcfs), or that only this container reads. */
const PROC_TARGETS: Readonly<Record<string, true>> = {
  "/proc/cpuinfo": true,
  "/proc/diskstats": true,
  "/proc/loadavg": true,
  "/proc/meminfo": true,
  "/proc/net/dev": true,
  "/proc/slabinfo": true,
  "/proc/stat": true,
  "/proc/swaps": true,
  "/proc/sys/kernel/ns_last_pid": true,
  "/proc/sys/crypto/fips_enabled": true,
  "/proc/uptime": true,
};

/** A link in the place of /proc or /sys would put them where nothing protects them (CVE-2019-19921). */
function targetFlags(mount: Mount, target: string): number {
  const isKernels = mount.type === "proc" || mount.type === "sysfs";
  return procFlag(mount, target) | (isKernels ? ORDINARY_DIRECTORY : 0);
}

/** proc itself may be mounted over a proc that came with a bind mount; other targets in a proc only by name. */
function procFlag(mount: Mount, target: string): number {
  const isProcItself = target === "/proc" && (mount.type === "proc" || mount.source === "/proc");
  return isProcItself || Object.hasOwn(PROC_TARGETS, target) ? ALLOW_PROC : 0;
}
