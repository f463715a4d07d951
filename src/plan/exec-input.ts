import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import type { NamespaceType } from "../linux/namespaces.ts";
import type { PlanInput, Process } from "./plan-input.ts";

type Shared =
  | "id"
  | "config"
  | "host"
  | "bundle"
  | "rootfs"
  | "seccomp"
  | "detach"
  | "noNewKeyring"
  | "preserveFds"
  | "pidFile"
  | "consoleSocket"
  | "pidfdSocket";

/** What an exec plan is built from: a container as it was made and as it is, and what is to run in it. */
export interface ExecInput extends Pick<PlanInput, Shared> {
  /** What runs, in the place of the config's own process: checked, with at least one argument. */
  readonly process: Process;
  /** The flags that said something of the process, by the place in the config that they stand for. */
  readonly flags: Readonly<Record<string, string>>;
  /** The container's init: its start time, in clock ticks since boot, tells it from a later process of that pid. */
  readonly init: { readonly pid: number; readonly startTime: number };
  /** The namespaces of the init that are not the caller's own. */
  readonly namespaces: readonly NamespaceType[];
  /** The container's user namespace denies setgroups(2) to all. */
  readonly deniesSetgroups?: boolean;
  /** Where the process goes: the container's cgroups, or some below them. */
  readonly cgroup: CgroupPaths;
  /** How systemd moves it to the v2 one, where it cannot be born there. */
  readonly attach?: { readonly unit: string; readonly directory: string; readonly command: readonly string[] };
}
