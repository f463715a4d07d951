import type { ImageHealthcheck } from "../image/image.ts";

/** What a container was asked to be, in docker's shape: the members Config and HostConfig of `inspect`. */
export interface ContainerConfig {
  readonly Hostname: string;
  readonly Domainname: string;
  /** "USER[:GROUP]", names or numbers; empty for root. */
  readonly User: string;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  /** The container's standard input ends with that of the first client. */
  readonly StdinOnce: boolean;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  /** As it was written. */
  readonly Image: string;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck?: ImageHealthcheck;
  /** What a command in words is given to, where it is not /bin/sh -c. */
  readonly Shell?: readonly string[];
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  /** Seconds that it may run, as podman has it. */
  readonly Timeout?: number;
}

export interface RestartPolicy {
  readonly Name: "no" | "always" | "unless-stopped" | "on-failure";
  /** 0: without a limit. */
  readonly MaximumRetryCount: number;
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

export interface Ulimit {
  readonly Name: string;
  readonly Hard: number;
  readonly Soft: number;
}

export interface PathWeight {
  readonly Path: string;
  readonly Weight: number;
}

export interface PathRate {
  readonly Path: string;
  readonly Rate: number;
}

/** A mount as it was asked for by `-v` or `--mount`. */
export interface MountRequest {
  readonly Type: "bind" | "volume" | "tmpfs";
  /** A path of the host, or a volume's name; empty for an anonymous volume and for tmpfs. */
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  /** Whether a missing directory of the host is made, as `-v` does and `--mount` does not. */
  readonly CreateMountpoint: boolean;
  /** Further options: a propagation, "nocopy", "rro", "bind" for a bind mount without what is mounted below, or a tmpfs's. */
  readonly Options: readonly string[];
  /** All of them, as -v was given them. */
  readonly Mode: string;
  /** What a volume that this makes is to have; see volume-options.ts. */
  readonly Volume?: VolumeTraits;
}

export interface VolumeTraits {
  readonly Labels: Readonly<Record<string, string>>;
  readonly Options: Readonly<Record<string, string>>;
}

export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** Sizes in bytes, times in microseconds; 0 where nothing was asked for, unless a member says otherwise. */
export interface HostConfig {
  readonly Binds: readonly string[];
  readonly Mounts: readonly MountRequest[];
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly VolumesFrom: readonly string[];
  readonly ContainerIDFile: string;
  readonly LogConfig: { readonly Type: "json-file" | "none"; readonly Config: Readonly<Record<string, string>> };
  readonly NetworkMode: string;
  readonly PortBindings: Readonly<Record<string, readonly PortBinding[]>>;
  readonly PublishAllPorts: boolean;
  readonly RestartPolicy: RestartPolicy;
  readonly AutoRemove: boolean;
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly CgroupnsMode: "" | "host" | "private";
  readonly CgroupParent: string;
  readonly Dns: readonly string[];
  readonly DnsOptions: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly ExtraHosts: readonly string[];
  readonly GroupAdd: readonly string[];
  readonly IpcMode: string;
  readonly PidMode: string;
  readonly UTSMode: string;
  readonly UsernsMode: string;
  readonly OomScoreAdj: number;
  readonly OomKillDisable: boolean;
  readonly Privileged: boolean;
  readonly ReadonlyRootfs: boolean;
  readonly SecurityOpt: readonly string[];
  readonly StorageOpt: Readonly<Record<string, string>>;
  readonly ShmSize: number;
  readonly Sysctls: Readonly<Record<string, string>>;
  /** A path or a name in the search path; empty for the own one. */
  readonly Runtime: string;
  readonly Init: boolean;
  readonly Devices: readonly DeviceMapping[];
  readonly DeviceCgroupRules: readonly string[];
  readonly Ulimits: readonly Ulimit[];
  readonly CpuShares: number;
  readonly NanoCpus: number;
  readonly CpuPeriod: number;
  readonly CpuQuota: number;
  readonly CpuRealtimePeriod: number;
  readonly CpuRealtimeRuntime: number;
  readonly CpusetCpus: string;
  readonly CpusetMems: string;
  readonly Memory: number;
  readonly MemoryReservation: number;
  /** Memory and swap together; -1 without a limit. */
  readonly MemorySwap: number;
  /** -1: the kernel's default. */
  readonly MemorySwappiness: number;
  /** -1 without a limit. */
  readonly PidsLimit: number;
  readonly BlkioWeight: number;
  readonly BlkioWeightDevice: readonly PathWeight[];
  readonly BlkioDeviceReadBps: readonly PathRate[];
  readonly BlkioDeviceWriteBps: readonly PathRate[];
  readonly BlkioDeviceReadIOps: readonly PathRate[];
  readonly BlkioDeviceWriteIOps: readonly PathRate[];
  readonly Annotations: Readonly<Record<string, string>>;
  /** Octal, such as "0027". */
  readonly Umask?: string;
  /** A name such as "Europe/Berlin", or "local" for the host's. */
  readonly Timezone?: string;
}
