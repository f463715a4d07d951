import type { CgroupFacts, CgroupV1Hierarchy, CgroupV2Hierarchy, HierarchyPlace } from "../cgroup/facts.ts";
import { delegatedDirectory } from "../cgroup/facts.ts";
import type { MountinfoEntry } from "./mountinfo.ts";
import { parseMountinfo } from "./mountinfo.ts";

/** How the facts reach the files and permissions that the two texts do not tell. */
export interface CgroupFactReaders {
  /** The text of a directory's cgroup.controllers or cgroup.subtree_control. */
  readonly readFile: (path: string) => string;
  /**
   * Whether the caller may make directories in this one. Absent for root, who may wherever the mount is writable, and
   * whose cgroups start at the mountpoint and not below the caller's own one.
   */
  readonly isWritable?: (directory: string) => boolean;
}

/**
 * Combines the mount table and /proc/self/cgroup. Controllers come from the mounts alone: a directory below
 * /sys/fs/cgroup that is named like a controller, or a line of /proc/cgroups, does not make a hierarchy.
 * Source: cgroups(7), proc_pid_mountinfo(5).
 */
export function cgroupFactsFrom(mountinfo: string, selfCgroup: string, readers: CgroupFactReaders): CgroupFacts {
  const ownPaths = parseSelfCgroup(selfCgroup);
  const v1 = new Map<string, CgroupV1Hierarchy>();
  let v2: CgroupV2Hierarchy | undefined;
  for (const mount of parseMountinfo(mountinfo, " - cgroup")) {
    if (mount.fsType === "cgroup2") {
      if (v2 === undefined || isWider(mount, v2)) v2 = v2Hierarchy(mount, ownPaths.get("") ?? "/", readers);
    } else if (mount.fsType === "cgroup") {
      const hierarchy = v1Hierarchy(mount, ownPaths, readers);
      const key = hierarchy.name ?? hierarchy.controllers.join();
      const known = v1.get(key);
      if (known === undefined || isWider(mount, known)) v1.set(key, hierarchy);
    }
  }
  return v2 === undefined ? { v1: [...v1.values()] } : { v1: [...v1.values()], v2 };
}

/** Each hierarchy's path of the calling process, by controller, by "name=…", and by "" for the unified one. */
function parseSelfCgroup(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const afterId = line.indexOf(":") + 1;
    const afterKeys = line.indexOf(":", afterId);
    if (afterId === 0 || afterKeys === -1) continue;
    const keys = line.slice(afterId, afterKeys);
    for (const key of keys.split(",")) paths.set(key, line.slice(afterKeys + 1));
  }
  return paths;
}

/** The same hierarchy may be mounted twice, the second time only a part of it: the mount that shows all of it is used. */
function isWider(mount: MountinfoEntry, known: { readonly mountRoot: string }): boolean {
  return mount.root === "/" && known.mountRoot !== "/";
}

/** Mount options are controllers, or a name, if /proc/self/cgroup knows them; others are such as seclabel and xattr. */
function v1Hierarchy(
  mount: MountinfoEntry,
  ownPaths: ReadonlyMap<string, string>,
  readers: CgroupFactReaders,
): CgroupV1Hierarchy {
  const keys = mount.superOptions.split(",").filter((option) => ownPaths.has(option));
  const name = keys.find((key) => key.startsWith("name="));
  const controllers = keys.filter((key) => key !== name);
  const ownPath = ownPaths.get(keys[0] ?? "") ?? "/";
  const hierarchy = { controllers, ...placeOf(mount, ownPath, readers) };
  return name === undefined ? hierarchy : { ...hierarchy, name: name.slice("name=".length) };
}

/** Names of files, a line each. Source: cgroups(7), "Cgroups delegation". */
const DELEGATED_FILES = "/sys/kernel/cgroup/delegate";

function v2Hierarchy(mount: MountinfoEntry, ownPath: string, readers: CgroupFactReaders): CgroupV2Hierarchy {
  const place = placeOf(mount, ownPath, readers);
  const start = readers.isWritable === undefined ? mount.mountpoint : delegatedDirectory(place, 2);
  const list = (file: string) => (start === undefined ? [] : words(readers.readFile(`${start}/${file}`)));
  // Only root can give them away.
  const delegated =
    readers.isWritable === undefined ? words(readers.readFile(DELEGATED_FILES).replaceAll("\n", " ")) : [];
  return {
    controllers: list("cgroup.controllers"),
    enabled: list("cgroup.subtree_control"),
    ...(delegated.length > 0 && { delegated }),
    ...place,
  };
}

function placeOf(mount: MountinfoEntry, ownPath: string, readers: CgroupFactReaders) {
  const place = { mountpoint: mount.mountpoint, mountRoot: mount.root, ownPath };
  return { ...place, writable: isWritable(mount, place, readers) };
}

function isWritable(mount: MountinfoEntry, place: HierarchyPlace, readers: CgroupFactReaders): boolean {
  if (isReadOnly(mount.options) || isReadOnly(mount.superOptions)) return false;
  if (readers.isWritable === undefined) return true;
  const directory = delegatedDirectory(place, mount.fsType === "cgroup2" ? 2 : 1);
  return directory !== undefined && readers.isWritable(directory);
}

function isReadOnly(options: string): boolean {
  return options === "ro" || options.startsWith("ro,");
}

/** The kernel separates names by one space and ends the line. */
function words(text: string): readonly string[] {
  const line = text.trimEnd();
  return line === "" ? [] : line.split(" ");
}
