import type { PlanDraft } from "../draft.ts";
import type { PlanInput, Process } from "../plan-input.ts";
import { grantedCapabilities } from "./capabilities.ts";
import { addSecurityModules } from "./lsm.ts";
import { addMemoryPolicy } from "./memory-policy.ts";
import {
  addCapabilities,
  addCommandLookup,
  addRlimits,
  addScheduling,
  addUser,
  addWorkingDirectory,
} from "./process.ts";
import { addSeccomp, type SeccompInput } from "./seccomp.ts";

/** A process that is in its container already, and what it is to become. */
export interface ProcessInput extends SeccompInput, Pick<PlanInput, "host" | "preserveFds"> {
  /** Whether it has a user namespace, in which it can have every capability. */
  readonly hasUser: boolean;
  /** Whether its additional groups are set, if only to none; where that is denied, it keeps its caller's. */
  readonly setsGroups: boolean;
  /** Whether a working directory that is missing is made: for a container's own process. */
  readonly makesWorkingDirectory: boolean;
}

/** Everything between the container's environment and the command: what `create` and `exec` have in common. */
export function addPreparation(draft: PlanDraft, process: Process, input: ProcessInput): void {
  const uid = process.user?.uid ?? 0;
  if (process.terminal !== true) draft.add("init", { config: "/process/user/uid" }, { op: "stdio.owner", uid });
  if (process.noNewPrivileges === true) {
    draft.add("init", { config: "/process/noNewPrivileges" }, { op: "no_new_privs" });
  }
  addScheduling(draft, input);
  addMemoryPolicy(draft, input.config.linux ?? {});
  addSecurityModules(draft, process, input.host);
  addWorkingDirectory(draft, process, input.makesWorkingDirectory);
  const capabilities = grantedCapabilities(draft, process, input.host, input.hasUser);
  addUser(draft, process, capabilities, input.setsGroups);
  addCommandLookup(draft, process, capabilities, input.preserveFds);
  addRlimits(draft, process);
  addSeccomp(draft, input, "while privileged");
  addCapabilities(draft, capabilities);
  addSeccomp(draft, input, "when prepared");
}
