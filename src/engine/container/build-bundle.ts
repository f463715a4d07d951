import { formatConfig } from "../../config/default-config.ts";
import type { Config, Mount } from "../../config/types.gen.ts";
import { close, readFdText } from "../../sys/descriptors.ts";
import { makeDirs, openInRoot, readText, writeAtomic } from "../../sys/files.ts";
import { installedFile } from "../../sys/installed-file.ts";
import { EngineError } from "../base/errors.ts";
import type { EnginePaths } from "../base/paths.ts";
import { buildConfig } from "../config-builder/build-config.ts";
import type { BundleInput, HostDevice, NamespaceChoice, RequestedDevice } from "../config-builder/bundle-input.ts";
import { bundleHost } from "./bundle-host.ts";
import type { DeviceMapping, HostConfig } from "./container-config.ts";
import { mountsOf } from "./mount-points.ts";
import type { ContainerRecord } from "./record.ts";
import { namespaceOf, type Sandbox } from "./sandbox.ts";
import { sharedShm } from "./shared-shm.ts";
import { findContainer, isErrno, runDirectory } from "./store.ts";
import { timezoneFile } from "./timezone-file.ts";
import { resolveUser } from "./user.ts";

export interface BundleRequest {
  readonly paths: EnginePaths;
  readonly record: ContainerRecord;
  /** The mounted root filesystem. */
  readonly rootfs: string;
  readonly sandbox: Sandbox;
  readonly consoleSize?: { readonly height: number; readonly width: number };
}

const INIT_PROGRAM = "mydocker-child-init";
const INIT_PATH = "/sbin/docker-init";

/** Writes the bundle of a container: config.json and the files that it mounts. Gives its directory. */
export function buildBundle(request: BundleRequest): string {
  const bundle = runDirectory(request.paths, request.record.id);
  makeDirs(bundle, 0o700);
  for (const { source, text } of networkFiles(bundle, request.record, request.sandbox))
    writeAtomic(source, text, 0o644);
  writeAtomic(`${bundle}/config.json`, formatConfig(configOf(request), ""), 0o600);
  return bundle;
}

/** The config.json of a container's bundle. Throws EngineError, SystemError. */
export function configOf({ paths, record, rootfs, sandbox, consoleSize }: BundleRequest): Config {
  const { config, hostConfig } = record;
  const shm = sharedShm(paths, record);
  const host = bundleHost();
  const isBound = ({ PathOnHost, PathInContainer }: DeviceMapping) =>
    host.rootless !== undefined && PathOnHost !== PathInContainer;
  const devices = hostConfig.Devices.flatMap(eachDevice);
  return buildConfig({
    id: record.id,
    config,
    hostConfig,
    rootfs,
    user: resolveUser(config.User, hostConfig.GroupAdd, accountFiles(rootfs)),
    mounts: outerFirst([
      ...mountsOf(record.mounts),
      ...networkFiles(runDirectory(paths, record.id), record, sandbox).map(({ mount }) => mount),
      ...initMount(hostConfig),
      ...timezoneMount(record),
      ...devices.filter(isBound).map(deviceMount),
    ]),
    devices: devices.filter((one) => !isBound(one)).map(requestedDevice),
    blockDevices: blockDevices(hostConfig),
    hostDevices: hostConfig.Privileged ? allDevices() : [],
    network: sandbox.namespace,
    pid: sharedNamespace(paths, hostConfig.PidMode, "pid"),
    ipc: sharedNamespace(paths, hostConfig.IpcMode, "ipc"),
    ...(shm !== undefined && { shm }),
    uts: hostConfig.UTSMode === "host" ? "host" : "new",
    ...seccompProfile(hostConfig),
    ...(hostConfig.Init && { initPath: INIT_PATH }),
    ...(consoleSize !== undefined && { consoleSize }),
    host,
  });
}

/** A mount must come before what is mounted inside it. */
function outerFirst(mounts: readonly Mount[]): readonly Mount[] {
  const depth = ({ destination }: Mount) => destination.split("/").length;
  return [...mounts].sort((a, b) => depth(a) - depth(b));
}

/** The container's own account files, which may be missing or symbolic links of an image's making. */
export function accountFiles(rootfs: string): { readonly passwd: string; readonly group: string } {
  return { passwd: textInRoot(rootfs, "/etc/passwd"), group: textInRoot(rootfs, "/etc/group") };
}

const ENOENT = 2;
const ENOTDIR = 20;
const MAX_BYTES = 4 << 20;
/** O_NONBLOCK: a fifo of that name must not hold this program up. */
const O_NONBLOCK = 0o4000;

function textInRoot(rootfs: string, path: string): string {
  try {
    const fd = openInRoot(rootfs, path, O_NONBLOCK);
    try {
      return readFdText(fd, MAX_BYTES);
    } finally {
      close(fd);
    }
  } catch (error) {
    if (isErrno(error, ENOENT) || isErrno(error, ENOTDIR)) return "";
    throw error;
  }
}

interface NetworkFile {
  readonly source: string;
  readonly text: string;
  readonly mount: Mount;
}

/** /etc/hostname, /etc/hosts and /etc/resolv.conf, unless something else is mounted there. */
function networkFiles(
  bundle: string,
  { mounts, hostConfig }: ContainerRecord,
  { files }: Sandbox,
): readonly NetworkFile[] {
  if (files === undefined) return [];
  const texts = { "/etc/resolv.conf": files.resolvConf, "/etc/hostname": files.hostname, "/etc/hosts": files.hosts };
  return Object.entries(texts).flatMap(([destination, text]) => {
    if (mounts.some((point) => point.Destination === destination)) return [];
    const source = `${bundle}/${destination.slice("/etc/".length)}`;
    const options = ["rbind", "rprivate", ...(hostConfig.ReadonlyRootfs ? ["ro"] : [])];
    return [{ source, text, mount: { destination, type: "bind", source, options } }];
  });
}

function initMount({ Init }: HostConfig): readonly Mount[] {
  if (!Init) return [];
  return [{ destination: INIT_PATH, type: "bind", source: installedFile(INIT_PROGRAM), options: ["bind", "ro"] }];
}

/** Unless something else is mounted there. */
function timezoneMount({ hostConfig, mounts }: ContainerRecord): readonly Mount[] {
  const { Timezone } = hostConfig;
  if (Timezone === undefined || mounts.some(({ Destination }) => Destination === LOCAL_TIME)) return [];
  return [{ destination: LOCAL_TIME, type: "bind", source: timezoneFile(Timezone), options: ["bind", "ro"] }];
}

const LOCAL_TIME = "/etc/localtime";

function sharedNamespace(paths: EnginePaths, mode: string, type: "pid" | "ipc"): NamespaceChoice {
  if (mode === "host") return "host";
  if (!mode.startsWith("container:")) return "new";
  return { path: namespaceOf(paths, findContainer(paths, mode.slice("container:".length)).id, type) };
}

function seccompProfile({ SecurityOpt }: HostConfig): Pick<BundleInput, "seccomp"> {
  const option = SecurityOpt.find((one) => /^seccomp[=:]/.test(one))?.slice("seccomp=".length);
  if (option === undefined || option === "builtin") return {};
  if (option === "unconfined") return { seccomp: "unconfined" };
  try {
    const profile: unknown = JSON.parse(readText(option));
    if (typeof profile === "object" && profile !== null) return { seccomp: profile };
  } catch (error) {
    throw new EngineError(`opening seccomp profile (${option}) failed`, {
      code: "ERR_USAGE",
      flag: "--security-opt",
      cause: error,
    });
  }
  throw new EngineError(`Cannot use the seccomp profile "${option}": it is no JSON object`, {
    code: "ERR_USAGE",
    flag: "--security-opt",
  });
}

/** Without the right to make one, the host's own is bound, which the runtime does by itself where the path is the same. */
function deviceMount(mapping: DeviceMapping): Mount {
  const { path: destination } = requestedDevice(mapping).device;
  return { destination, type: "bind", source: mapping.PathOnHost, options: ["bind", "rprivate"] };
}

function requestedDevice({ PathOnHost, PathInContainer, CgroupPermissions }: DeviceMapping): RequestedDevice {
  const device = deviceAt(PathOnHost, PathInContainer);
  if (device !== undefined) return { device, permissions: CgroupPermissions };
  const isThere = fs().statSync(PathOnHost, { throwIfNoEntry: false }) !== undefined;
  const why = isThere ? "not a device node" : "no such file or directory";
  throw new EngineError(`error gathering device information while adding custom device "${PathOnHost}": ${why}`, {
    code: "ERR_USAGE",
    flag: "--device",
  });
}

/** A device; of a directory, those that are in it. */
function eachDevice(mapping: DeviceMapping): readonly DeviceMapping[] {
  const { PathOnHost: path, PathInContainer: inside } = mapping;
  if (fs().statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [mapping];
  const found = allDevices(path).map((one) => ({
    ...mapping,
    PathOnHost: one.path,
    PathInContainer: `${inside}${one.path.slice(path.length)}`,
  }));
  return found.length > 0 ? found : [mapping];
}

function blockDevices({
  BlkioWeightDevice,
  BlkioDeviceReadBps,
  BlkioDeviceWriteBps,
  BlkioDeviceReadIOps,
  BlkioDeviceWriteIOps,
}: HostConfig) {
  const lists = [BlkioWeightDevice, BlkioDeviceReadBps, BlkioDeviceWriteBps, BlkioDeviceReadIOps, BlkioDeviceWriteIOps];
  const numbers: Record<string, { readonly major: number; readonly minor: number }> = {};
  for (const { Path } of lists.flat()) {
    const device = deviceAt(Path, Path);
    if (device?.type === "b") numbers[Path] = device;
  }
  return numbers;
}

/** Loaded for devices only. */
function fs(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}

/** The device node at a path of the host; undefined where there is none. */
function deviceAt(path: string, pathInContainer: string): HostDevice | undefined {
  const facts = fs().statSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !(facts.isCharacterDevice() || facts.isBlockDevice())) return undefined;
  return {
    path: pathInContainer,
    type: facts.isBlockDevice() ? "b" : "c",
    // Source: gnu_dev_major(3).
    major: ((facts.rdev >> 8) & 0xfff) | 0,
    minor: (facts.rdev & 0xff) | ((facts.rdev >> 12) & 0xfff00),
    fileMode: facts.mode & 0o7777,
    uid: facts.uid,
    gid: facts.gid,
  };
}

/** Directories of /dev that are filesystems of their own, and what each container has anyway. */
const LEFT_OUT: readonly string[] = ["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx"];

function allDevices(directory = "/dev"): readonly HostDevice[] {
  return fs()
    .readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${directory}/${entry.name}`;
      if (LEFT_OUT.includes(path) || entry.isSymbolicLink()) return [];
      if (entry.isDirectory()) return allDevices(path);
      const device = deviceAt(path, path);
      return device === undefined ? [] : [device];
    });
}
