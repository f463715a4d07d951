import type { Device, Mount, SeccompArch } from "../../config/types.gen.ts";
import type { IdRange } from "../../plan/host-facts.ts";
import type { ContainerConfig, HostConfig } from "../container/container-config.ts";

/** The user of a container's process, resolved in its own /etc/passwd and /etc/group. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/** A device node of the host. */
export interface HostDevice extends Device {
  readonly major: number;
  readonly minor: number;
}

/** A device that was asked for, as it is on the host. */
export interface RequestedDevice {
  readonly device: HostDevice;
  readonly permissions: string;
}

/** What the bundle depends on beside the request; read by the caller. */
export interface BundleHost {
  readonly arch: SeccompArch;
  /** Whether limits are set through the unified hierarchy alone. */
  readonly isCgroup2: boolean;
  readonly hasSwapAccounting: boolean;
  /** Whether the caller may make cgroups anywhere. */
  readonly hasCgroups: boolean;
  /** An ordinary user, whose engine is root of a user namespace that has these group ids. */
  readonly rootless?: { readonly gids: readonly IdRange[] };
  readonly hasAppArmor: boolean;
  /** How many CPUs there are, for --cpus. */
  readonly cpuCount: number;
  /** Every capability that the kernel has and the caller may give, by name. */
  readonly capabilities: readonly string[];
}

/** "new", the host's, or the one at a path. */
export type NamespaceChoice = "new" | "host" | { readonly path: string };

export interface BundleInput {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The directory that becomes the root, absolute. */
  readonly rootfs: string;
  readonly user: ResolvedUser;
  /** Volumes, binds and tmpfs, in the order in which they are mounted. */
  readonly mounts: readonly Mount[];
  readonly devices: readonly RequestedDevice[];
  /** Major and minor numbers of the block devices that limits name, by path. */
  readonly blockDevices: Readonly<Record<string, { readonly major: number; readonly minor: number }>>;
  /** All device nodes of the host, for a privileged container. */
  readonly hostDevices: readonly HostDevice[];
  readonly network: NamespaceChoice;
  readonly pid: NamespaceChoice;
  readonly ipc: NamespaceChoice;
  /** The directory of the host that is its /dev/shm, where that is shared. */
  readonly shm?: string;
  readonly uts: NamespaceChoice;
  /** The seccomp profile that was named, parsed; absent: the default one. */
  readonly seccomp?: object | "unconfined";
  /** Where the program for --init is in the container. */
  readonly initPath?: string;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly host: BundleHost;
}
