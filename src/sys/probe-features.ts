import { CAPABILITIES } from "../linux/capabilities.ts";
import { NAMESPACES, type NamespaceType } from "../linux/namespaces.ts";
import { SECCOMP_ACTIONS, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAGS } from "../linux/seccomp.ts";
import { cLibrary } from "./ffi.ts";
import { listDir, pathType, readText, readTextIfExists } from "./files.ts";

/** What this kernel can do, as far as it has to be asked and is no fact of its version. */
export interface KernelAbilities {
  /** "6.1.0-18-amd64". */
  readonly release: string;
  /** Those that the kernel knows. */
  readonly capabilities: readonly string[];
  /** Those that the caller could hand to a container. */
  readonly boundingSet: readonly string[];
  readonly namespaces: readonly NamespaceType[];
  /** The filesystem types that can be mounted without loading a module. */
  readonly filesystems: readonly string[];
  /** Whether a module could bring more. */
  readonly hasModules: boolean;
  /** By their names in config.json; both empty where the kernel cannot filter system calls. */
  readonly seccompActions: readonly string[];
  readonly seccompFlags: readonly string[];
  /** Whether AppArmor profiles can be set. */
  readonly hasApparmor: boolean;
  /** Whether SELinux labels can be set. */
  readonly hasSelinux: boolean;
  /** Whether mounts can be changed recursively and have id mappings of their own. */
  readonly hasMountSetattr: boolean;
}

/** Asks the kernel; loads koffi. For `features` and `validate`, not for the hot path. Throws SystemError. */
export function kernelAbilities(): KernelAbilities {
  return {
    release: readText("/proc/sys/kernel/osrelease").trim(),
    capabilities: Object.keys(CAPABILITIES).filter((name) => capabilityBit(name) >= 0),
    boundingSet: Object.keys(CAPABILITIES).filter((name) => capabilityBit(name) === 1),
    namespaces: namespaces(),
    filesystems: parseFilesystems(readText("/proc/filesystems")),
    hasModules: pathType("/proc/modules") !== undefined,
    seccompActions: Object.entries(SECCOMP_ACTIONS).flatMap(([name, value]) => (hasSeccompAction(value) ? [name] : [])),
    seccompFlags: Object.entries(SECCOMP_FILTER_FLAGS).flatMap(([name, value]) =>
      hasSeccompFlag(value) ? [name] : [],
    ),
    hasApparmor: readTextIfExists("/sys/module/apparmor/parameters/enabled")?.startsWith("Y") === true,
    hasSelinux: pathType("/sys/fs/selinux/enforce") !== undefined,
    hasMountSetattr: hasMountSetattr(),
  };
}

/** The types of /proc/filesystems, in its order. Source: proc_filesystems(5). */
export function parseFilesystems(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.split("\t")[1] ?? "")
    .filter((type) => type !== "");
}

const PR_CAPBSET_READ = 23;

/** 1 in the bounding set, 0 not in it, -1 unknown to the kernel. Source: PR_CAPBSET_READ(2const). */
function capabilityBit(name: string): number {
  return cLibrary().prctl(PR_CAPBSET_READ, CAPABILITIES[name] ?? -1);
}

function namespaces(): readonly NamespaceType[] {
  const files = listDir("/proc/self/ns");
  const types = Object.keys(NAMESPACES) as NamespaceType[]; // the keys of a constant table
  return types.filter((type) => files.includes(NAMESPACES[type].procFile));
}

const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const EFAULT = 14;

/** Source: seccomp(2). */
function hasSeccompAction(value: number): boolean {
  return cLibrary().seccomp(SECCOMP_GET_ACTION_AVAIL, 0, Uint32Array.of(value)) === 0;
}

/** Without a filter a call with a known flag fails at the missing address, one with an unknown flag before. */
function hasSeccompFlag(flag: number): boolean {
  const library = cLibrary();
  return library.seccomp(SECCOMP_SET_MODE_FILTER, companions(flag) | flag, null) === -1 && library.errno() === EFAULT;
}

/** A listener is what this flag is about, and it is refused alone. Source: seccomp(2). */
function companions(flag: number): number {
  return flag === SECCOMP_FILTER_FLAGS.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
}

const ENOSYS = 38;

/** Nothing can be changed through descriptor -1; only a kernel without the call says ENOSYS. Source: mount_setattr(2). */
function hasMountSetattr(): boolean {
  const library = cLibrary();
  return library.mountSetattr(-1, "", 0, null, 0) === -1 && library.errno() !== ENOSYS;
}
