import { MASKED_PATHS, READONLY_PATHS, restrictsPaths } from "../config-builder/paths.ts";
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
  const { Binds, Mounts, MemorySwappiness, PidsLimit, Runtime } = hostConfig;
  const isRestricted = restrictsPaths(hostConfig);
  const mounts = Mounts.filter(({ CreateMountpoint }) => !CreateMountpoint).map(shownMount);
  return {
    ...hostConfig,
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

function nothingForNone<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Source: docker's API, "Mount". */
function shownMount({ Type, Source, Target, ReadOnly, Options }: MountRequest): object {
  const propagation = Options.find((option) => PROPAGATIONS.includes(option));
  const sizeBytes = Options.find((option) => option.startsWith("size="))?.slice("size=".length);
  return {
    Type,
    ...(Source !== "" && { Source }),
    Target,
    ...(ReadOnly && { ReadOnly }),
    ...(propagation !== undefined && { BindOptions: { Propagation: propagation } }),
    ...(Options.includes("nocopy") && { VolumeOptions: { NoCopy: true } }),
    ...(sizeBytes !== undefined && { TmpfsOptions: { Size: sizeBytes } }),
  };
}
