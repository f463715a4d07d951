import type { Config, Mount, Namespace } from "./types.gen.ts";

export interface DefaultConfigOptions {
  /** For a user without privileges: a user namespace in which that user is root. */
  readonly rootless: boolean;
  /** The ids of that user; used by the rootless config only. */
  readonly uid: number;
  readonly gid: number;
  /** Whether the container gets a cgroup namespace; so it should on a host with cgroup v2. */
  readonly cgroupNamespace: boolean;
}

/**
 * The config that `spec` writes: a shell on a terminal in a read-only root filesystem, with few capabilities and all
 * that the spec's default filesystems ask for. It means what `runc spec` of runc 1.5 means. Source: config.md,
 * config-linux.md#default-filesystems.
 */
export function defaultConfig(options: DefaultConfigOptions): Config {
  return {
    // The oldest version that knows all of this: runtimes of years ago run it as well.
    ociVersion: "1.1.0",
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ["sh"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      cwd: "/",
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: true },
    hostname: "mydocker",
    mounts: options.rootless ? MOUNTS.map(withoutPrivileges) : MOUNTS,
    linux: { ...isolation(options), maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS },
  };
}

/** A config as JSON text, indented with tabs, with integers beyond 2^53 in full. */
export function formatConfig(config: Config, indentation = "\t"): string {
  try {
    return `${JSON.stringify(config, undefined, indentation)}\n`;
  } catch (error) {
    // What it says of a bigint, which a config seldom has: a function that is asked of every value takes far longer.
    if (error instanceof TypeError) return formatWithBigints(config, indentation);
    throw error;
  }
}

/** NUL is in no string of a config, so it can mark the integers that JSON.stringify does not know. */
function formatWithBigints(config: Config, indentation: string): string {
  const marked = (_key: string, value: unknown) => (typeof value === "bigint" ? `\0${value}` : value);
  return `${JSON.stringify(config, marked, indentation).replace(/"\\u0000(-?\d+)"/g, "$1")}\n`;
}

const CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

const MOUNTS: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
  },
];

/** A mount as a user namespace with one id can have it: sysfs needs a network namespace, and no other id exists. */
function withoutPrivileges(mount: Mount): Mount {
  if (mount.type === "sysfs") {
    return { destination: "/sys", type: "none", source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"] };
  }
  if (mount.options === undefined) return mount;
  return { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) };
}

/** Without privileges there are no limits and no network of its own: nobody could set either up. */
function isolation({ rootless, uid, gid, cgroupNamespace }: DefaultConfigOptions): NonNullable<Config["linux"]> {
  const types = ["pid", ...(rootless ? [] : ["network" as const]), "ipc", "uts", "mount"] as const;
  const namespaces: Namespace[] = types.map((type) => ({ type }));
  if (cgroupNamespace) namespaces.push({ type: "cgroup" });
  if (!rootless) return { resources: { devices: [{ allow: false, access: "rwm" }] }, namespaces };
  return {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
    namespaces: [...namespaces, { type: "user" }],
  };
}

/** What tells about the host or lets its devices be driven. */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/sys/firmware",
  "/proc/scsi",
];

/** What changes the host when it is written to. */
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
