import type { Origin } from "../base/origin.ts";
import { ConfigError, type Problem } from "../base/problem.ts";
import { PlanDraft } from "./draft.ts";
import type { ExecInput } from "./exec-input.ts";
import { addBarrier } from "./handshake.ts";
import { addJoining } from "./parts/exec-joining.ts";
import { addPreparation } from "./parts/prepare-process.ts";
import { addExec, addHardLimits } from "./parts/process.ts";
import { groupProblems, setsGroups } from "./parts/rootless-groups.ts";
import { addSeccomp } from "./parts/seccomp.ts";
import { addConsole, connectConsole } from "./parts/terminal.ts";
import type { Plan, Step } from "./step.ts";

/** A plan of `exec`, and what was found while it was built. */
export interface BuiltExecPlan {
  readonly plan: Plan;
  readonly warnings: readonly Problem[];
}

/** What is done for every process that joins a container. */
const EXEC: Origin = { implied: "runtime.md#operations" };

/**
 * Compiles the plan that runs one more process in a container. Pure. Throws ConfigError with everything that this host
 * cannot do.
 *
 *     parent         opens what is the host's, makes the intermediate, sets the limits, waits for the process's end
 *     intermediate   joins the cgroups and then the namespaces, and makes the process, which is in them all
 *     init           the new process: takes its terminal, gives up its rights, executes its command
 */
export function buildExecPlan(input: ExecInput): BuiltExecPlan {
  const { process, init } = input;
  const draft = new PlanDraft();
  const config = { ...input.config, process };
  draft.problems.push(...groupProblems(config, input.deniesSetgroups !== true));
  const console = connectConsole(draft, input);
  addJoining(draft, input);
  addSession(draft, input, console);
  addLimits(draft, input);
  const preparation = {
    ...input,
    config,
    hasUser: input.namespaces.includes("user"),
    setsGroups: setsGroups(config, input.deniesSetgroups !== true),
    makesWorkingDirectory: false,
    initPid: init.pid,
  };
  addPreparation(draft, process, preparation);
  addSeccomp(draft, preparation, "last");
  addHandOver(draft, input);
  const errors = draft.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ConfigError("Cannot run this process on this host", errors);
  const steps = draft.steps.map((step) => withFlag(step, input.flags));
  return { plan: { verb: "exec", id: input.id, steps }, warnings: draft.problems };
}

/** What the runtime's side sets, a terminal's size among it, is set before the command can look. */
function addLimits(draft: PlanDraft, { process, detach }: ExecInput): void {
  addHardLimits(draft, process);
  const isInForeground = process.terminal === true && !detach;
  if ((process.rlimits ?? []).length > 0 || isInForeground) addBarrier(draft, "limits", "init", EXEC);
}

function addSession(draft: PlanDraft, { id, process, noNewKeyring }: ExecInput, console: number): void {
  draft.add("init", EXEC, { op: "session.new" });
  if (!noNewKeyring) draft.add("init", EXEC, { op: "keyring.join", name: `_ses.${id}` });
  if (process.terminal === true) addConsole(draft, process, console, false);
}

/** Whoever reads the pid file or the pidfd finds the command there, and not this program. */
function addHandOver(draft: PlanDraft, { process, pidFile, pidfdSocket, detach }: ExecInput): void {
  addExec(draft, process);
  draft.add("parent", EXEC, { op: "child.wait_exec" });
  if (pidfdSocket !== undefined)
    draft.add("parent", { flag: "--pidfd-socket" }, { op: "pidfd.send", path: pidfdSocket });
  if (pidFile !== undefined) {
    draft.add("parent", { flag: "--pid-file" }, { op: "pidfile.write", path: pidFile, undo: "" });
  }
  if (!detach) draft.add("parent", EXEC, { op: "child.wait_exit", terminal: process.terminal === true ? 1 : 0 });
}

/** What a flag has put into the process comes from that flag. */
function withFlag(step: Step, flags: ExecInput["flags"]): Step {
  const flag = "config" in step.from ? flags[step.from.config] : undefined;
  return flag === undefined ? step : { ...step, from: { flag } };
}
