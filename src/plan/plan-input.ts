import type { Config } from "../config/types.gen.ts";
import type { HostFacts } from "./host-facts.ts";

/** What a create or run plan is built from: the checked config, the host, and the flags. */
export interface PlanInput {
  readonly verb: "create" | "run";
  readonly id: string;
  readonly config: Config;
  readonly host: HostFacts;
  /** The bundle's directory, absolute. */
  readonly bundle: string;
  /** The container's state directory, absolute. */
  readonly stateDirectory: string;
  /** state.json in the status "created", split where the init's pid and start time go. */
  readonly stateFile: { readonly beforePid: string; readonly betweenPidAndStart: string; readonly afterStart: string };
  /** The user that the caller is known as to newuidmap, where the mappings need it. */
  readonly detach: boolean;
  readonly keep: boolean;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly preserveFds: number;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
}

export type Linux = NonNullable<Config["linux"]>;
export type Process = NonNullable<Config["process"]>;
export type Mount = NonNullable<Config["mounts"]>[number];
export type IdMapping = NonNullable<Linux["uidMappings"]>[number];
