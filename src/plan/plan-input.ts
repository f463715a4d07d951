import type { CgroupPaths, CgroupPlan } from "../cgroup/cgroup-plan.ts";
import type { Config } from "../config/types.gen.ts";
import type { SeccompProgram } from "../seccomp/compile-seccomp.ts";
import type { HostFacts } from "./host-facts.ts";
import type { NotifyInput } from "./parts/notify-socket.ts";

/** The text of state.json, split where the init's pid and start time go. */
export interface StatePieces {
  readonly beforePid: string;
  readonly betweenPidAndStart: string;
  readonly afterStart: string;
}

/** What a create or run plan is built from: the checked config, the host, and the flags. */
export interface PlanInput {
  readonly verb: "create" | "run";
  readonly id: string;
  readonly config: Config;
  readonly host: HostFacts;
  /** The bundle's directory, absolute. */
  readonly bundle: string;
  /** The root filesystem, absolute and without symbolic links. */
  readonly rootfs: string;
  /** The container's state directory, absolute. */
  readonly stateDirectory: string;
  /** Renders state.json in the status "created", which keeps the container's cgroups, for the static program to fill in. */
  readonly renderState: (cgroup: CgroupPaths) => StatePieces;
  /** The compiled linux.seccomp, which is left out of the hot path of configs without it. */
  readonly seccomp?: SeccompProgram;
  /** What systemd is to do for the container's cgroup; absent where the runtime makes it. */
  readonly cgroup?: CgroupPlan;
  /** Whether cgroups are left out where the caller may not make them; absent: unless it is root of the host. */
  readonly rootless?: boolean;
  readonly detach?: boolean;
  readonly keep?: boolean;
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  readonly preserveFds: number;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
  /** Absent where the caller is no service that tells when it is ready. */
  readonly notify?: NotifyInput;
}

export type Linux = NonNullable<Config["linux"]>;
export type Process = NonNullable<Config["process"]>;
export type Mount = NonNullable<Config["mounts"]>[number];
export type IdMapping = NonNullable<Linux["uidMappings"]>[number];
