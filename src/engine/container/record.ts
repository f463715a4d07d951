import { isRecord, type JsonFormat } from "../base/json-store.ts";
import type { ImageId } from "../image/image.ts";
import type { EndpointRequest } from "../network/types.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";

/** Something mounted in the container beside what every container has, as `inspect` shows it. */
export interface MountPoint {
  readonly Type: "bind" | "volume" | "tmpfs";
  /** Of a volume. */
  readonly Name?: string;
  /** On the host; empty for tmpfs. */
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: "local";
  /** As it was written, for `inspect` only. */
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
  /** An anonymous volume, which goes with the container. */
  readonly IsAnonymous?: boolean;
  /** As in its request. */
  readonly Options?: readonly string[];
}

/** What the container is to be on its networks. */
export interface NetworkingRequest {
  /** Names or ids; empty where the mode is none, host or container:ID. */
  readonly networks: readonly string[];
  readonly aliases: readonly string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly mac?: string;
  /** What `network connect` was told, by the network's name; of the others the members above tell. */
  readonly endpoints?: Readonly<Record<string, Omit<EndpointRequest, "network">>>;
}

/**
 * How far a container's life has come, as the program knows it; what runs is asked of the kernel. "starting" is written
 * before anything is done for a start, "running" after it, "restarting" while the monitor waits.
 */
export interface LifeRecord {
  readonly phase: "created" | "starting" | "running" | "restarting" | "exited" | "removing";
  /** RFC 3339 with nanoseconds, UTC; NEVER where it has not happened. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it could not be started. */
  readonly error: string;
  readonly restartCount: number;
  /** stop, kill or rm asked for the end: no restart. */
  readonly isStopWanted: boolean;
  /** What a start that failed has made is still there, to be looked at. */
  readonly isKept?: boolean;
  /** Its cgroup, where that is not the one that its config names. */
  readonly cgroup?: string;
}

/** docker's word for a time that has not come. */
export const NEVER = "0001-01-01T00:00:00Z";

export const NOT_STARTED: LifeRecord = {
  phase: "created",
  startedAt: NEVER,
  finishedAt: NEVER,
  exitCode: 0,
  oomKilled: false,
  error: "",
  restartCount: 0,
  isStopWanted: false,
};

/** What is kept of a container, in `<root>/containers/<id>/config.json`. */
export interface ContainerRecord {
  readonly id: string;
  /** Without a slash. */
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly imageId?: ImageId;
  /** The directory of the host for --rootfs. */
  readonly rootfs?: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingRequest;
  readonly mounts: readonly MountPoint[];
  readonly life: LifeRecord;
}

export function withLife(record: ContainerRecord, change: Partial<LifeRecord>): ContainerRecord {
  return { ...record, life: { ...record.life, ...change } };
}

export const RECORD_FORMAT: JsonFormat<ContainerRecord> = {
  name: "container record",
  version: 1,
  check: (value) => {
    if (!isRecord(value) || typeof value.id !== "string" || typeof value.name !== "string") return undefined;
    if (![value.config, value.hostConfig, value.networking, value.life].every(isRecord)) return undefined;
    // Written by this program from a value of the type; the version says so.
    return value as unknown as ContainerRecord;
  },
};
