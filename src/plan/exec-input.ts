import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import type { Config } from "../config/types.gen.ts";
import type { NamespaceType } from "../linux/namespaces.ts";
import type { HostFacts } from "./host-facts.ts";
import type { Process } from "./plan-input.ts";

/** What an exec plan is built from: a container as it was made and as it is, and what is to run in it. */
export interface ExecInput {
  readonly id: string;
  /** The config that the container was made from. */
  readonly config: Config;
  /** What runs beside the config's own process: checked, with at least one argument. */
  readonly process: Process;
  /** The flags that said something of the process, by the place in the config that they stand for. */
  readonly flags: Readonly<Record<string, string>>;
  readonly host: HostFacts;
  /** The container's init: its start time, in clock ticks since boot, tells it from a later process of that pid. */
  readonly init: { readonly pid: number; readonly startTime: number };
  /** The namespaces of the init that are not the caller's own. */
  readonly namespaces: readonly NamespaceType[];
  /** The container's root filesystem as its init's mount namespace names it. */
  readonly rootfs: string;
  /** Where the process goes: the container's cgroups, or some below them. */
  readonly cgroup: CgroupPaths;
  readonly detach: boolean;
  readonly preserveFds: number;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
}
