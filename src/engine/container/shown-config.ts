import { fullCapabilityName } from "../config-builder/capabilities.ts";
import { hasPrivateCgroups } from "../config-builder/namespaces.ts";
import { MASKED_PATHS, READONLY_PATHS, restrictsPaths } from "../config-builder/paths.ts";
import { bundleHost } from "./bundle-host.ts";
import type { ContainerConfig, HostConfig, MountRequest } from "./container-config.ts";
import { PROPAGATIONS } from "./request/mounts.ts";

/** The member Config of `inspect`: also what is not set, which templates ask for. */
export function shownConfig(config: ContainerConfig): object {
  return {
    ...config,
    ExposedPorts: config.ExposedPorts,
    Entrypoint: nothingForNone(config.Entrypoint),
    Volumes: config.Volumes ?? null,
    OnBuild: null,
    Healthcheck: config.Healthcheck,
    Shell: config.Shell,
    StopSignal: config.StopSignal,
    StopTimeout: config.StopTimeout,
    Timeout: config.Timeout,
  };
}

/** The member HostConfig of `inspect`: as docker has it, with nothing where nothing was asked for. */
export function shownHostConfig(hostConfig: HostConfig): object {
  const { Binds, Mounts, MemorySwappiness, PidsLimit, Runtime, CapAdd, CapDrop, CgroupnsMode } = hostConfig;
  const isRestricted = restrictsPaths(hostConfig);
  const mounts = Mounts.filter(({ CreateMountpoint }) => !CreateMountpoint).map(shownMount);
  return {
    ...hostConfig,
    CapAdd: nothingForNone(CapAdd.map(fullCapabilityName)),
    CapDrop: nothingForNone(CapDrop.map(fullCapabilityName)),
    CgroupnsMode: CgroupnsMode === "" ? cgroupnsMode(hostConfig) : CgroupnsMode,
    ...OF_OTHER_SYSTEMS,
    Binds: nothingForNone(Binds.filter((bind) => bind.includes(":"))),
    Mounts: nothingForNone(mounts),
    MemorySwappiness: MemorySwappiness < 0 ? null : MemorySwappiness,
    PidsLimit: PidsLimit === 0 ? null : PidsLimit,
    Runtime: Runtime === "" ? "mydocker-runtime" : Runtime,
    VolumeDriver: "",
    MaskedPaths: isRestricted ? MASKED_PATHS : null,
    ReadonlyPaths: isRestricted ? READONLY_PATHS : null,
  };
}

/** What docker has for Windows, and for what there is not here: programs look for the names. */
const OF_OTHER_SYSTEMS = {
  Cgroup: "",
  ConsoleSize: [0, 0],
  CpuCount: 0,
  CpuPercent: 0,
  DeviceRequests: null,
  IOMaximumBandwidth: 0,
  IOMaximumIOps: 0,
  Isolation: "",
  Links: null,
} as const;

/** What a container gets that nothing was said for. */
function cgroupnsMode(hostConfig: HostConfig): "host" | "private" {
  return hasPrivateCgroups(hostConfig, bundleHost().isCgroup2) ? "private" : "host";
}

/** A list or pairs as docker shows them: null where there are none. */
export function nothingForNone<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

function volumeOptions(options: readonly string[], traits: MountRequest["Volume"]): object {
  return {
    ...(options.includes("nocopy") && { NoCopy: true }),
    ...(traits !== undefined && { Labels: traits.Labels, DriverConfig: { Name: "local", Options: traits.Options } }),
  };
}

/** Source: docker's API, "Mount". */
function shownMount({ Type, Source, Target, ReadOnly, Options, Volume }: MountRequest): object {
  const propagation = Options.find((option) => PROPAGATIONS.includes(option));
  const sizeBytes = Options.find((option) => option.startsWith("size="))?.slice("size=".length);
  return {
    Type,
    ...(Source !== "" && { Source }),
    Target,
    ...(ReadOnly && { ReadOnly }),
    ...(propagation !== undefined && { BindOptions: { Propagation: propagation } }),
    ...((Options.includes("nocopy") || Volume !== undefined) && { VolumeOptions: volumeOptions(Options, Volume) }),
    ...(sizeBytes !== undefined && { TmpfsOptions: { Size: sizeBytes } }),
  };
}
