import type { HostFacts, OuterUserNamespace } from "../plan/host-facts.ts";
import { cgroupFactsFrom } from "./cgroup-facts.ts";
import { isWritable, readText, readTextIfExists } from "./files.ts";
import { parseMountinfo } from "./mountinfo.ts";
import { parseIdMap } from "./subid.ts";

const CAP_SYS_ADMIN = 21n;

/** Reads from /proc and the cgroup mounts what a plan depends on. Throws SystemError. */
export function probeHost(): HostFacts {
  const status = readText("/proc/self/status");
  const effective = capabilitySet(status, "CapEff");
  const uidMap = readText("/proc/self/uid_map");
  const isInitial = isInitialUserNamespace(uidMap);
  const uid = process.geteuid?.() ?? 0;
  return {
    cgroup: cgroupFactsFrom(readText("/proc/self/mountinfo"), readText("/proc/self/cgroup"), {
      readFile: (path) => readTextIfExists(path) ?? "",
      ...(isInitial && uid === 0 ? {} : { isWritable }),
    }),
    uid,
    gid: process.getegid?.() ?? 0,
    isPrivileged: ((effective >> CAP_SYS_ADMIN) & 1n) === 1n,
    isInitialUserNamespace: isInitial,
    ...(isInitial ? {} : { outer: outerUserNamespace(uidMap) }),
    capabilities: capabilitySet(status, "CapPrm") & capabilitySet(status, "CapBnd"),
  };
}

function outerUserNamespace(uidMap: string): OuterUserNamespace {
  const gids = parseIdMap(readText("/proc/self/gid_map"));
  return { uids: parseIdMap(uidMap), gids, deniesSetgroups: deniesSetgroups("self") };
}

/** Whether nobody in a process's user namespace can call setgroups(2). Source: user_namespaces(7). */
export function deniesSetgroups(pid: number | "self"): boolean {
  return (readTextIfExists(`/proc/${pid}/setgroups`) ?? "").startsWith("deny");
}

/** Where proc and sysfs are mounted, the last one first. Throws SystemError. Source: proc_pid_mountinfo(5). */
export function probeKernelMounts(mountinfo = readText("/proc/self/mountinfo")): readonly string[] {
  return parseMountinfo(mountinfo)
    .filter(({ fsType }) => fsType === "proc" || fsType === "sysfs")
    .map(({ mountpoint }) => mountpoint)
    .reverse();
}

/** Which security modules are enabled. Source: apparmor(7), selinux(8). */
export function probeSecurityModules(): { readonly apparmor: boolean; readonly selinux: boolean } {
  return {
    apparmor: (readTextIfExists("/sys/module/apparmor/parameters/enabled") ?? "").startsWith("Y"),
    selinux: readTextIfExists("/sys/fs/selinux/enforce") !== undefined,
  };
}

/** The architecture that this process runs on, as linux.seccomp names it. Throws TypeError for one without a name there. */
export function nativeArchitecture(): string {
  const name = ARCHITECTURES[process.arch];
  if (name === undefined) throw new TypeError(`unknown architecture ${process.arch}`);
  return name;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64" };

/** A line such as "CapEff:\t000001ffffffffff". Source: proc_pid_status(5). */
function capabilitySet(status: string, name: string): bigint {
  const at = status.indexOf(`${name}:`);
  return BigInt(`0x${status.slice(at + name.length + 1, status.indexOf("\n", at)).trim()}`);
}

/** The first user namespace maps every id to itself. Source: user_namespaces(7). */
function isInitialUserNamespace(uidMap: string): boolean {
  return uidMap.trim().split(/\s+/).join(" ") === "0 0 4294967295";
}
