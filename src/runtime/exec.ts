import { becomePlan } from "../apply/become-plan.ts";
import { formatProblem } from "../base/problem.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { ownDirectory } from "../cgroup/facts.ts";
import { parseStoredConfig } from "../config/stored-config.ts";
import type { Config, Process } from "../config/types.gen.ts";
import type { NamespaceType } from "../linux/namespaces.ts";
import { type BuiltExecPlan, buildExecPlan } from "../plan/build-exec.ts";
import type { HostFacts } from "../plan/host-facts.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { readState, readStoredConfig } from "../state/store.ts";
import { deniesSetgroups, probeHost, probeSecurityModules } from "../sys/probe-host.ts";
import { probeRdt } from "../sys/probe-rdt.ts";
import { giveBackProgram } from "../sys/processes.ts";
import { checkTerminal, type TerminalPlace } from "./check-terminal.ts";
import { compileFilter } from "./compile-filter.ts";
import { checkExecCgroups, execCgroups } from "./exec-cgroup.ts";
import { foreignNamespaces } from "./exec-namespaces.ts";
import { type ChangedProcess, changedProcess } from "./exec-process.ts";
import { readProcessText } from "./exec-process-text.ts";
import { checkPreservedFds } from "./inherited-fds.ts";
import type { ExecOptions, RuntimeContext } from "./options.ts";
import { tracing } from "./tracing.ts";

/**
 * Runs one more process in a container, and unless it is detached waits for its end. Gives its exit status: 128+n for
 * a signal, 0 when detached. Takes no lock: other verbs go on meanwhile. Throws StateError, UsageError, ConfigError,
 * StepError, and the reason of an aborted signal; whatever it throws, no process of it is left.
 */
export async function execInContainer(context: RuntimeContext, options: ExecOptions): Promise<number> {
  // As a run does: what is not read again would count until the end.
  if (context.handover === "replace") giveBackProgram({ withCode: false });
  const state = runningState(context, options);
  const { preserveFds = 0, signal } = options;
  signal?.throwIfAborted();
  checkPreservedFds(preserveFds);
  const given = readForExec(context, options, state);
  const { plan, warnings } = await compileExec(context, options, given);
  for (const warning of warnings) context.warn(formatProblem(warning));
  if (context.debug !== undefined) (await import("../plan/debug-lines.ts")).debugLines(plan).forEach(context.debug);
  if (context.planRequestFd !== undefined) {
    await (await import("./keep-exec.ts")).keepExecPlan(context.planRequestFd, context, options, given, plan);
  }
  const carrying = { preserveFds, ...(await tracing(context, plan)) };
  if (context.handover === "replace") becomePlan(plan, context.reportArgv ?? [], carrying);
  const { awaitPlan } = await import("../apply/carry-out.ts");
  try {
    const { status } = await awaitPlan(plan, { ...carrying, signal });
    if (!options.detach) signal?.throwIfAborted();
    return status;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function runningState({ root }: RuntimeContext, { id, ignorePaused }: ExecOptions): StoredState {
  const state = readState(root, id);
  const status = statusOf(state, `${root}/${id}`);
  if (status !== "paused" || !ignorePaused) requireStatus("exec", id, status);
  return state;
}

/** What the plan of an `exec` is compiled from, beside its options and the host. */
export interface ExecGiven {
  readonly state: StoredState;
  /** The config that the container was created with. */
  readonly configText: string;
  /** The process, where a file holds it. */
  readonly processText?: string;
  /** The namespaces of the container's init that are not the caller's own. */
  readonly namespaces: readonly NamespaceType[];
}

function readForExec(context: RuntimeContext, { process }: ExecOptions, state: StoredState): ExecGiven {
  const configText = readStoredConfig(context.root, state.id);
  const processText = "file" in process ? readProcessText(process.file) : undefined;
  const namespaces = foreignNamespaces(state.pid);
  return { state, configText, namespaces, ...(processText !== undefined && { processText }) };
}

/** Compiles the plan of an `exec`. Throws UsageError and ConfigError. */
export async function compileExec(
  context: RuntimeContext,
  options: ExecOptions,
  given: ExecGiven,
): Promise<BuiltExecPlan> {
  const { state, namespaces } = given;
  const config = parseStoredConfig(given.configText);
  const { process, flags } = await processOf(context, options, config, given.processText);
  const place = "file" in options.process ? TERMINAL_OF_FILE : TERMINAL_FLAG;
  checkTerminal(process, options.consoleSocket, !options.detach, place);
  const host = hostOf(process, config, state.id);
  const { cgroups = [] } = options;
  const cgroup = execCgroups(state, cgroups, host.cgroup);
  checkExecCgroups(cgroup, cgroups);
  const attach = await attachOf(state, cgroup, host);
  const seccomp = await compileFilter(config.linux?.seccomp, context);
  return buildExecPlan({
    ...options,
    preserveFds: options.preserveFds ?? 0,
    config,
    process,
    flags,
    host,
    ...(seccomp !== undefined && { seccomp }),
    bundle: state.bundle,
    rootfs: state.rootfs,
    noNewKeyring: state.noNewKeyring === true,
    init: { pid: state.pid, startTime: state.startTime },
    namespaces,
    deniesSetgroups: namespaces.includes("user") ? deniesSetgroups(state.pid) : host.outer?.deniesSetgroups === true,
    cgroup,
    ...(attach !== undefined && { attach }),
  });
}

/** Loaded only for a container in a unit of a user's manager. */
async function attachOf(state: StoredState, cgroup: CgroupPaths, { cgroup: { v2 } }: HostFacts) {
  if (state.cgroup.scope?.user !== true || v2 === undefined) return undefined;
  return (await import("./exec-attach.ts")).attachOf(state, cgroup, ownDirectory(v2));
}

async function processOf(
  context: RuntimeContext,
  options: ExecOptions,
  config: Config,
  text = "",
): Promise<ChangedProcess> {
  if (!("file" in options.process)) return changedProcess(config.process, options.process);
  // Loaded only here: it brings the validator.
  const { checkProcessText } = await import("./exec-process-file.ts");
  return { process: checkProcessText(text, options.process.file, config, context.warn), flags: {} };
}

const TERMINAL_OF_FILE: TerminalPlace = { pointer: "/process/terminal" };
const TERMINAL_FLAG: TerminalPlace = { flag: "--tty" };

function hostOf({ apparmorProfile, selinuxLabel }: Process, { linux }: Config, id: string): HostFacts {
  const rdt = linux?.intelRdt === undefined ? undefined : probeRdt(linux.intelRdt.closID ?? id);
  return {
    ...probeHost(),
    ...(rdt !== undefined && { rdt }),
    ...(apparmorProfile || selinuxLabel ? probeSecurityModules() : {}),
  };
}
