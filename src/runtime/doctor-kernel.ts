import { fine, type HostFinding, lacking } from "../base/host-finding.ts";
import type { NamespaceType } from "../linux/namespaces.ts";
import { NAMESPACES } from "../linux/namespaces.ts";
import type { KernelAbilities } from "../sys/probe-features.ts";
import type { DoctorFacts } from "./doctor-facts.ts";

/** What this host's kernel has of what containers are made of. Pure. */
export function kernelFindings({ kernel, architecture, host }: DoctorFacts): readonly HostFinding[] {
  return [
    versionFinding(kernel),
    architectureFinding(architecture),
    mountFinding(kernel),
    ...namespaceFindings(kernel, host.isPrivileged),
    filesystemFinding(kernel),
    capabilityFinding(kernel),
    ...seccompFindings(kernel),
    securityModuleFinding(kernel),
  ];
}

/** The oldest release that has every call this program makes. Source: mount_setattr(2). */
const OLDEST = [5, 12] as const;

function versionFinding({ release, hasMountSetattr }: KernelAbilities): HostFinding {
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  // A distribution may have brought the calls to an older one.
  if (isNew || hasMountSetattr) return fine("kernel", `Linux ${release}`);
  const effect = "no container can be made: this runtime needs Linux 5.12";
  return lacking("missing", { name: "kernel", seen: `Linux ${release}`, effect, fix: "boot a newer kernel" });
}

const SUPPORTED: readonly string[] = ["x64", "arm64"];

function architectureFinding(architecture: string): HostFinding {
  if (SUPPORTED.includes(architecture)) return fine("architecture", architecture);
  const effect = `the programs are built for ${SUPPORTED.join(" and ")} only`;
  return lacking("missing", { name: "architecture", seen: architecture, effect });
}

/** All of these had come when mount_setattr did: openat2 in 5.6, the mount calls in 5.2. */
function mountFinding({ hasMountSetattr }: KernelAbilities): HostFinding {
  const calls = "mount_setattr(2), and with it the other new mount calls, id-mapped mounts and openat2(2)";
  if (hasMountSetattr) return fine("mounts", calls);
  const effect = "no filesystem can be mounted for a container";
  const fix = "boot Linux 5.12 or newer, and let no system call filter around this program answer ENOSYS";
  return lacking("missing", { name: "mounts", seen: "no mount_setattr(2)", effect, fix });
}

/** Source: the kernel's init/Kconfig. */
const NAMESPACE_OPTIONS: Readonly<Record<NamespaceType, string>> = {
  mount: "CONFIG_NAMESPACES",
  cgroup: "CONFIG_CGROUPS",
  uts: "CONFIG_UTS_NS",
  ipc: "CONFIG_IPC_NS",
  user: "CONFIG_USER_NS",
  pid: "CONFIG_PID_NS",
  network: "CONFIG_NET_NS",
  time: "CONFIG_TIME_NS",
};

/** Only the mount namespace is in every container, and the user namespace in those of ordinary users. */
function namespaceFindings({ namespaces }: KernelAbilities, isPrivileged: boolean): readonly HostFinding[] {
  // The keys of a constant table.
  const types = Object.keys(NAMESPACES) as NamespaceType[];
  const absent = types.filter((type) => !namespaces.includes(type));
  return [
    fine("namespaces", namespaces.join(", ")),
    ...absent.map((type) => {
      const isNeeded = type === "mount" || (type === "user" && !isPrivileged);
      return lacking(isNeeded ? "missing" : "warning", {
        name: `${type} namespace`,
        seen: "unknown to the kernel",
        effect: isNeeded ? "no container can be made" : `configs with a ${type} namespace are refused`,
        fix: `boot a kernel with ${NAMESPACE_OPTIONS[type]}=y`,
      });
    }),
  ];
}

/** What the default config mounts beside cgroups. */
const USUAL_FILESYSTEMS: readonly string[] = ["proc", "sysfs", "tmpfs", "devpts", "mqueue"];

function filesystemFinding({ filesystems, hasModules }: KernelAbilities): HostFinding {
  const absent = USUAL_FILESYSTEMS.filter((type) => !filesystems.includes(type));
  if (absent.length === 0) return fine("filesystems", USUAL_FILESYSTEMS.join(", "));
  return lacking("warning", {
    name: "filesystems",
    seen: `no ${absent.join(", ")} in /proc/filesystems`,
    effect: `mounts of them are refused${hasModules ? ", unless the kernel finds a module" : ""}`,
    fix: hasModules ? `modprobe -a ${absent.join(" ")}` : "boot a kernel that has them, or leave them out of configs",
  });
}

/** A longer list hides what is beside it; features and /proc/self/status have all. */
const MOST_SHOWN = 8;

/** What the bounding set lacks cannot come back. Source: capabilities(7). */
function capabilityFinding({ capabilities, boundingSet }: KernelAbilities): HostFinding {
  const absent = capabilities.filter((name) => !boundingSet.includes(name));
  const count = `${boundingSet.length} of the kernel's ${capabilities.length}`;
  if (absent.length === 0) return fine("capabilities", `${count} in the bounding set`);
  return lacking("warning", {
    name: "capabilities",
    seen: `${count} in the bounding set${absent.length > MOST_SHOWN ? "" : `, without ${absent.join(", ")}`}`,
    effect: "containers cannot have these, nor what needs them, such as raised limits or devices",
    fix: "start this program from a shell or unit whose bounding set is not reduced",
  });
}

function seccompFindings({ seccompActions, seccompFlags }: KernelAbilities): readonly HostFinding[] {
  if (seccompActions.length === 0) {
    const effect = "configs with linux.seccomp are refused, and mydocker's own filter as well";
    const fix = "boot a kernel with CONFIG_SECCOMP_FILTER=y";
    return [lacking("warning", { name: "seccomp", seen: "no system call filters", effect, fix })];
  }
  const flags = seccompFlags.map((flag) => flag.replace("SECCOMP_FILTER_FLAG_", "").toLowerCase());
  const filter = fine("seccomp", `${seccompActions.length} actions; flags ${flags.join(", ") || "none"}`);
  if (seccompActions.includes("SCMP_ACT_NOTIFY")) return [filter, fine("seccomp notify", "SCMP_ACT_NOTIFY")];
  const effect = "configs with SCMP_ACT_NOTIFY are refused";
  const about = { name: "seccomp notify", seen: "not known to the kernel", effect, fix: "boot Linux 5.0 or newer" };
  return [filter, lacking("warning", about)];
}

function securityModuleFinding({ hasApparmor, hasSelinux }: KernelAbilities): HostFinding {
  const enabled = [...(hasApparmor ? ["AppArmor"] : []), ...(hasSelinux ? ["SELinux"] : [])];
  if (enabled.length > 0) return fine("security modules", enabled.join(", "));
  return lacking("warning", {
    name: "security modules",
    seen: "neither AppArmor nor SELinux",
    effect: "containers are confined by namespaces, capabilities and seccomp alone",
    fix: 'boot with "apparmor=1 security=apparmor" or "selinux=1 security=selinux", where the kernel has them',
  });
}
