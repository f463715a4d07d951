import type { ExternalMount } from "./checkpoint-external.ts";
import type { CheckpointOptions, CriuOptions, RestoreOptions } from "./options.ts";

/** The file in the images that says what the standard streams were: as runc writes it, and reads it. */
export const DESCRIPTORS_FILE = "descriptors.json";

export interface DumpTarget {
  readonly pid: number;
  readonly rootfs: string;
  /** The directory of the freezer that holds every process. */
  readonly freezer?: string;
  readonly mounts: readonly ExternalMount[];
  /** "net[4026532000]:extRootNetNS" and the like. */
  readonly namespaces: readonly string[];
}

/** The arguments of `criu dump` or `criu pre-dump`. Pure. Source: criu(8). */
export function dumpArguments(options: CheckpointOptions, target: DumpTarget): readonly string[] {
  const { pageServer, parentPath, statusFd } = options;
  const server = pageServer === undefined ? undefined : splitAddress(pageServer);
  return [
    options.preDump ? "pre-dump" : "dump",
    ...["--tree", String(target.pid)],
    ...commonArguments(options, "dump.log"),
    ...["--root", target.rootfs],
    ...(target.freezer === undefined ? [] : ["--freeze-cgroup", target.freezer]),
    ...flag("--leave-running", options.leaveRunning === true && options.preDump !== true),
    ...flag("--skip-in-flight", options.tcpSkipInFlight),
    ...flag("--link-remap", options.linkRemap),
    ...(parentPath === undefined ? [] : ["--prev-images-dir", parentPath]),
    ...flag("--track-mem", parentPath !== undefined || options.preDump),
    ...(server === undefined ? [] : ["--page-server", "--address", server.address, "--port", server.port]),
    ...(statusFd === undefined ? [] : ["--status-fd", String(statusFd)]),
    ...target.namespaces.flatMap((namespace) => ["--external", namespace]),
    // A pre-dump takes the memory only.
    ...(options.preDump ? [] : target.mounts.flatMap(({ target: path }) => ["--external", `mnt[${path}]:${path}`])),
  ];
}

export interface RestoreTarget {
  /** A directory that is a mount. */
  readonly root: string;
  /** Where criu writes the pid of the container's init. */
  readonly pidFile: string;
  readonly mounts: readonly ExternalMount[];
  /** "/name" of the container's cgroup below its hierarchy's root, or "CONTROLLER:/name". */
  readonly cgroupRoots: readonly string[];
  /** "fd[0]:pipe:[123]" and the like: descriptors that take the place of those in the images. */
  readonly inheritedFds: readonly string[];
  /** "uts:/path" and the like. */
  readonly joinedNamespaces: readonly string[];
}

/** The arguments of `criu restore`, which makes the container's init a sibling of itself. Pure. Source: criu(8). */
export function restoreArguments(options: RestoreOptions, target: RestoreTarget): readonly string[] {
  const { lsmProfile, lsmMountContext } = options;
  return [
    "restore",
    "--restore-detached",
    "--restore-sibling",
    ...["--pidfile", target.pidFile],
    ...commonArguments(options, "restore.log"),
    ...["--root", target.root],
    "--evasive-devices",
    ...flag("--tcp-close", options.tcpClose),
    ...(lsmProfile === undefined ? [] : ["--lsm-profile", lsmProfile]),
    ...(lsmMountContext === undefined ? [] : ["--lsm-mount-context", lsmMountContext]),
    ...target.cgroupRoots.flatMap((root) => ["--cgroup-root", root]),
    ...target.mounts.flatMap(({ target: path, source }) => ["--external", `mnt[${path}]:${source}`]),
    ...target.inheritedFds.flatMap((fd) => ["--inherit-fd", fd]),
    ...target.joinedNamespaces.flatMap((namespace) => ["--join-ns", namespace]),
  ];
}

function commonArguments(options: CriuOptions, logFile: string): readonly string[] {
  return [
    ...["--images-dir", options.imagePath],
    ...["--work-dir", options.workPath ?? options.imagePath],
    ...["--log-file", logFile, "-v4"],
    ...[`--manage-cgroups=${options.manageCgroups ?? "soft"}`],
    ...flag("--tcp-established", options.tcpEstablished),
    ...flag("--ext-unix-sk", options.extUnixSk),
    ...flag("--shell-job", options.shellJob),
    ...flag("--file-locks", options.fileLocks),
    ...flag("--lazy-pages", options.lazyPages),
    ...flag("--auto-dedup", options.autoDedup),
    ...(options.emptyNetwork ? ["--empty-ns", "net"] : []),
  ];
}

function flag(name: string, isSet = false): readonly string[] {
  return isSet ? [name] : [];
}

/** The port is behind the last colon: an IPv6 address has others. */
function splitAddress(text: string): { readonly address: string; readonly port: string } {
  const colon = text.lastIndexOf(":");
  return { address: text.slice(0, colon), port: text.slice(colon + 1) };
}
