import type { Integer } from "../cgroup/decimal.ts";
import type { CgroupStats } from "../cgroup/stats.ts";
import type { Resources } from "../config/types.gen.ts";

/** What every verb of the runtime's API needs to know. */
export interface RuntimeContext {
  /** The state root, absolute: one directory a container below it. */
  readonly root: string;
  /**
   * "spawn", the default, starts the static program as a child and waits for it (library);
   * "replace" turns this process into it (command line), so that no engine stays in memory.
   */
  readonly handover?: "spawn" | "replace";
  /** Takes a warning's sentence; warnings never change what happens (runtime.md#warnings). */
  readonly warn: (message: string) => void;
  /** Takes an entry of the debug log; absent where nobody reads one. */
  readonly debug?: (message: string) => void;
  /** A file, absolute, to which create, run and exec append each step as it is carried out: readTrace reads it. */
  readonly traceFile?: string;
  /** Whether to skip what an unprivileged caller cannot do; "auto", the default, asks the kernel. */
  readonly rootless?: boolean | "auto";
  /** Have systemd make the cgroup, as a scope. */
  readonly systemdCgroup?: boolean;
  /** The criu program, absolute; absent where $PATH is to be searched. */
  readonly criu?: string;
  /** Whether each plan is checked against the laws of order before it is carried out, which takes about 0.6 ms. */
  readonly checksPlans?: boolean;
  /** The command line that the static program starts to report a failure; only with handover "replace". */
  readonly reportArgv?: readonly string[];
  /** A descriptor with the launcher's request to keep the plan; only with handover "replace". */
  readonly planRequestFd?: number;
}

export interface CreateOptions {
  readonly id: string;
  /** The bundle's directory, absolute. */
  readonly bundle: string;
  /** Written atomically after the container was created: decimal digits only, no newline. */
  readonly pidFile?: string;
  /** An AF_UNIX stream socket that is sent the master of the container's terminal. */
  readonly consoleSocket?: string;
  /** An AF_UNIX stream socket that is sent a pidfd of the container's init. */
  readonly pidfdSocket?: string;
  /** Move the root mount and chroot instead of pivot_root, for a root on a ramfs. */
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  /** How many file descriptors, from 3 on, the container inherits beside the standard streams and LISTEN_FDS. */
  readonly preserveFds?: number;
  /**
   * Kills the container when it is aborted, while it is made and for a run in the foreground until it ends: what is left is
   * removed, and the call is rejected with the signal's reason. For "spawn" only.
   */
  readonly signal?: AbortSignal;
}

export interface RunOptions extends CreateOptions {
  readonly detach?: boolean;
  /** Keep the state directory and cgroup after the container has ended. */
  readonly keep?: boolean;
  readonly noSubreaper?: boolean;
}

/** A program that carries out what was prepared. Whoever gets it closes `fd` and `keepFds`, once it runs or is given up. */
export interface HandedOver {
  /** The open executable. */
  readonly fd: number;
  readonly argv: readonly string[];
  /** Descriptors that it inherits under the same numbers. */
  readonly keepFds: readonly number[];
}

export interface KillOptions {
  readonly id: string;
  /** A name with or without SIG, any case, or a number. */
  readonly signal?: string;
  /** Every process of the container's cgroup. */
  readonly all?: boolean;
}

export interface DeleteOptions {
  readonly id: string;
  /** Kill first, and succeed where the container does not exist. */
  readonly force?: boolean;
}

export interface PlanOptions extends CreateOptions {
  /** The verb whose plan is wanted. */
  readonly verb: "create" | "run";
}

/** The state of runtime.md#state, with the members that callers of runc read. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  /** 0 when stopped. */
  readonly pid: number;
  readonly status: "creating" | "created" | "running" | "paused" | "stopped";
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The name, or the number where it has none, of the user that created the container. */
  readonly owner: string;
}

export interface ListOptions {
  /** A root that does not exist is an error, and not one without containers. */
  readonly rootMustExist?: boolean;
}

/** A row of `list`: a container's state, or why it cannot be read. */
export type ListEntry = { readonly state: ContainerState } | { readonly id: string; readonly problem: string };

export interface SpecOptions {
  /** The bundle's directory, absolute. */
  readonly bundle: string;
  /** With a user namespace that maps the caller to root. */
  readonly rootless?: boolean;
}

export interface ExecOptions {
  readonly id: string;
  /** What runs: a file with a process as config.json has it, or the container's own process with changes. */
  readonly process: { readonly file: string } | ProcessChanges;
  readonly detach?: boolean;
  /** Written atomically once the process runs: decimal digits only, no newline. */
  readonly pidFile?: string;
  /** An AF_UNIX stream socket that is sent the master of the process's terminal. */
  readonly consoleSocket?: string;
  /** An AF_UNIX stream socket that is sent a pidfd of the process. */
  readonly pidfdSocket?: string;
  /** How many file descriptors, from 3 on, the process inherits beside the standard streams. */
  readonly preserveFds?: number;
  /** "PATH" or "CONTROLLER,...:PATH": cgroups below the container's that the process goes to. */
  readonly cgroups?: readonly string[];
  /** Also into a paused container, where the process stays frozen until it is resumed. */
  readonly ignorePaused?: boolean;
  /** Kills the process when it is aborted, unless it runs detached already, and rejects with the reason. For "spawn" only. */
  readonly signal?: AbortSignal;
}

/** What another process of a container has that differs from the container's own. What is absent is the same. */
export interface ProcessChanges {
  readonly args: readonly string[];
  readonly terminal?: boolean;
  readonly cwd?: string;
  /** "NAME=VALUE", in the place of variables with the same names. */
  readonly env?: readonly string[];
  /** "UID" or "UID:GID". */
  readonly user?: string;
  /** In addition to the container's. */
  readonly additionalGids?: readonly string[];
  /** In addition to the container's: bounding, effective and permitted, and ambient where it has inheritable ones. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  readonly selinuxLabel?: string;
}

export interface ProcessTableOptions {
  readonly id: string;
  /** What `ps` is called with; "-ef" when there is nothing. */
  readonly psArgs?: readonly string[];
}

export interface UpdateOptions {
  readonly id: string;
  /** What is to change: a value for linux.resources, a file with one ("-": the standard input), or some limits. */
  readonly resources: { readonly value: Resources } | { readonly file: string } | ResourceChanges;
  /** New lines for the container's class of Intel RDT. */
  readonly rdt?: { readonly l3CacheSchema?: string; readonly memBwSchema?: string };
}

/** Limits as a person writes them; what is absent stays as it is. Sizes may have a unit, "512m"; -1 is no limit. */
export interface ResourceChanges {
  readonly blkioWeight?: string;
  /** Microseconds, as the other times are. */
  readonly cpuPeriod?: string;
  readonly cpuQuota?: string;
  readonly cpuBurst?: string;
  readonly cpuShare?: string;
  readonly cpuRtPeriod?: string;
  readonly cpuRtRuntime?: string;
  readonly cpuIdle?: string;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly memory?: string;
  readonly memoryReservation?: string;
  /** Memory and swap together. */
  readonly memorySwap?: string;
  readonly kernelMemory?: string;
  readonly kernelMemoryTcp?: string;
  readonly pidsLimit?: string;
}

export interface EventsOptions {
  readonly id: string;
  /** How often statistics are told. */
  readonly intervalMs: number;
}

/** Something that is told of a container while it runs; the names are those that readers of runc's events know. */
export type ContainerEvent =
  | { readonly type: "stats"; readonly id: string; readonly data: ContainerStats }
  | { readonly type: "oom"; readonly id: string };

export interface ContainerStats extends CgroupStats {
  /** Null for a container that shares the host's network. */
  readonly network_interfaces: readonly NetworkInterface[] | null;
}

export interface NetworkInterface {
  readonly Name: string;
  readonly RxBytes: Integer;
  readonly RxPackets: Integer;
  readonly RxErrors: Integer;
  readonly RxDropped: Integer;
  readonly TxBytes: Integer;
  readonly TxPackets: Integer;
  readonly TxErrors: Integer;
  readonly TxDropped: Integer;
}

/** What checkpoint and restore have in common: each is what criu's option of that name means. Paths are absolute. */
export interface CriuOptions {
  readonly id: string;
  /** Where the images are. */
  readonly imagePath: string;
  /** Where criu logs to; absent: where the images are. */
  readonly workPath?: string;
  readonly tcpEstablished?: boolean;
  /** Unix sockets whose other end is outside of the container. */
  readonly extUnixSk?: boolean;
  /** Processes whose session is outside of the container. */
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
  readonly lazyPages?: boolean;
  readonly autoDedup?: boolean;
  readonly manageCgroups?: "soft" | "full" | "strict" | "ignore";
  /** Leave the network namespace's contents to others. */
  readonly emptyNetwork?: boolean;
}

export interface CheckpointOptions extends CriuOptions {
  /** Images of an earlier pre-dump, relative to the new ones. */
  readonly parentPath?: string;
  /** Let the container run on, instead of deleting it. */
  readonly leaveRunning?: boolean;
  /** Take the memory only, and let the container run on. */
  readonly preDump?: boolean;
  readonly tcpSkipInFlight?: boolean;
  readonly linkRemap?: boolean;
  /** "ADDRESS:PORT" of a page server. */
  readonly pageServer?: string;
  /** A descriptor that criu writes a NUL to when pages can be asked for. */
  readonly statusFd?: number;
}

export interface RestoreOptions extends CriuOptions {
  /** The bundle's directory, absolute. */
  readonly bundle: string;
  readonly detach?: boolean;
  readonly pidFile?: string;
  /** Refused with its reason: nobody could send a terminal to it. */
  readonly consoleSocket?: string;
  readonly tcpClose?: boolean;
  /** "TYPE:NAME". */
  readonly lsmProfile?: string;
  readonly lsmMountContext?: string;
}
