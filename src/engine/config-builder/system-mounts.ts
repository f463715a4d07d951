import type { Mount } from "../../config/types.gen.ts";
import type { BundleInput } from "./bundle-input.ts";

/** The filesystems that every container has, before the mounts that it asked for. Source: moby oci/defaults.go. */
export function systemMounts(input: BundleInput): readonly Mount[] {
  const { Privileged: isPrivileged, ShmSize: shmSize } = input.hostConfig;
  const asked = new Set(input.mounts.map(({ destination }) => destination));
  return [
    procMount(input),
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    devptsMount(input),
    sysMount(input, isPrivileged),
    cgroupMount(input, isPrivileged),
    mqueueMount(input),
    ...shmMounts(input, shmSize),
  ].filter(({ destination }) => !asked.has(destination));
}

function procMount({ host, pid }: BundleInput): Mount {
  const options = ["nosuid", "noexec", "nodev"];
  // A user namespace may not mount a proc of a pid namespace that it does not own.
  if (host.rootless !== undefined && pid === "host") {
    return { destination: "/proc", type: "none", source: "/proc", options: ["rbind", ...options] };
  }
  return { destination: "/proc", type: "proc", source: "proc", options };
}

function devptsMount({ host }: BundleInput): Mount {
  const hasTtyGroup =
    host.rootless === undefined || host.rootless.gids.some(({ first, count }) => first <= 5 && 5 < first + count);
  const options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"];
  return {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: hasTtyGroup ? [...options, "gid=5"] : options,
  };
}

function sysMount({ host, network }: BundleInput, isPrivileged: boolean): Mount {
  const options = ["nosuid", "noexec", "nodev", isPrivileged ? "rw" : "ro"];
  // sysfs belongs to a network namespace.
  if (host.rootless !== undefined && network === "host") {
    return { destination: "/sys", type: "none", source: "/sys", options: ["rbind", ...options] };
  }
  return { destination: "/sys", type: "sysfs", source: "sysfs", options };
}

function cgroupMount({ hostConfig }: BundleInput, isPrivileged: boolean): Mount {
  const isWritable = isPrivileged || hostConfig.SecurityOpt.some((one) => /^writable-cgroups(=true)?$/.test(one));
  const options = ["nosuid", "noexec", "nodev", "relatime", isWritable ? "rw" : "ro"];
  return { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options };
}

function mqueueMount({ ipc, host }: BundleInput): Mount {
  const options = ["nosuid", "noexec", "nodev"];
  if (ipc === "host" && host.rootless !== undefined) {
    return { destination: "/dev/mqueue", type: "none", source: "/dev/mqueue", options: ["rbind", ...options] };
  }
  return { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options };
}

/** Who shares an IPC namespace shares its /dev/shm. */
function shmMounts({ ipc, shm, hostConfig }: BundleInput, size: number): readonly Mount[] {
  const destination = "/dev/shm";
  const options = ["nosuid", "noexec", "nodev"];
  if (shm !== undefined) return [{ destination, type: "bind", source: shm, options: ["bind", ...options] }];
  if (ipc === "host") return [{ destination, type: "none", source: "/dev/shm", options: ["rbind", ...options] }];
  if (hostConfig.IpcMode === "none") return [];
  return [{ destination, type: "tmpfs", source: "shm", options: [...options, "mode=1777", `size=${size}`] }];
}
