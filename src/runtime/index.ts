/**
 * The public interface: containers as a library, and what the command line is made of. Each verb loads its own module
 * when it is called, so that none pays for the others.
 */

import type { HostFinding } from "../base/host-finding.ts";
import type { StepRow } from "../plan/print.ts";
import type { Plan } from "../plan/step.ts";
import type { StepTime } from "../plan/step-times.ts";
import type { ExamineOptions } from "./doctor.ts";
import type { Features } from "./features.ts";
import type {
  CheckpointOptions,
  ContainerEvent,
  ContainerState,
  ContainerStats,
  CreateOptions,
  DeleteOptions,
  EventsOptions,
  ExecOptions,
  HandedOver,
  KillOptions,
  ListEntry,
  ListOptions,
  PlanOptions,
  ProcessTableOptions,
  RestoreOptions,
  RunOptions,
  RuntimeContext,
  SpecOptions,
  UpdateOptions,
} from "./options.ts";
import type { FailureReport } from "./report-failure.ts";
import type { ValidateOptions, ValidationReport } from "./validate.ts";

export type { StepError } from "../apply/step-error.ts";
export {
  type ErrorCode,
  type ErrorDetails,
  RuntimeError,
  StateError,
  SystemError,
  UsageError,
} from "../base/errors.ts";
export type { HostFinding } from "../base/host-finding.ts";
export { ConfigError, type Problem } from "../base/problem.ts";
export type { StepRow } from "../plan/print.ts";
export type { Plan } from "../plan/step.ts";
export type { StepTime } from "../plan/step-times.ts";
export type { ExamineOptions } from "./doctor.ts";
export type { Features } from "./features.ts";
export type * from "./options.ts";
export type { FailureReport } from "./report-failure.ts";
export type { LocatedProblem, ValidateOptions, ValidationReport } from "./validate.ts";

/**
 * Makes a container, up to the status "created"; its command waits for startContainer. On failure the host is left as
 * it was. Throws ConfigError, StateError, StepError. Source: runtime.md#create.
 */
export async function createContainer(context: RuntimeContext, options: CreateOptions): Promise<void> {
  await (await import("./create.ts")).createContainer(context, options);
}

/**
 * Makes a container, starts it, and unless it is detached waits for its end and removes it. Gives its exit status:
 * 128+n for a signal, 0 when detached. Throws as createContainer does. Source: runtime.md#lifecycle.
 */
export async function runContainer(context: RuntimeContext, options: RunOptions): Promise<number> {
  return await (await import("./create.ts")).runContainer(context, options);
}

/**
 * Prepares what runContainer does, and gives the program that does it instead of executing it: for callers that have a
 * process of their own to run it in. Where that process fails, it starts context.reportArgv, which undoes the rest.
 */
export async function runProgram(context: RuntimeContext, options: RunOptions): Promise<HandedOver> {
  return await (await import("./create.ts")).runProgram(context, options);
}

/**
 * Lets a created container's command run. Throws StateError, and StepError when the command or a startContainer hook
 * fails. Source: runtime.md#start.
 */
export async function startContainer(context: RuntimeContext, options: { readonly id: string }): Promise<void> {
  await (await import("./start.ts")).startContainer(context, options);
}

/** What a container is now. Throws StateError ERR_CONTAINER_NOT_FOUND. Source: runtime.md#state. */
export async function containerState(
  context: RuntimeContext,
  options: { readonly id: string },
): Promise<ContainerState> {
  return (await import("./state.ts")).containerState(context, options);
}

/** Sends a signal to a container's init, or to all its processes. Throws StateError, UsageError. Source: runtime.md#kill. */
export async function killContainer(context: RuntimeContext, options: KillOptions): Promise<void> {
  (await import("./kill.ts")).killContainer(context, options);
}

/**
 * Runs one more process in a container, and unless it is detached waits for its end. Gives its exit status: 128+n for
 * a signal, 0 when detached. Throws StateError, UsageError, ConfigError, StepError; no process is left then.
 */
export async function execInContainer(context: RuntimeContext, options: ExecOptions): Promise<number> {
  return await (await import("./exec.ts")).execInContainer(context, options);
}

/** The pids of a container's processes, on the host; none for one that has stopped. Throws StateError. */
export async function containerPids(
  context: RuntimeContext,
  options: { readonly id: string },
): Promise<readonly number[]> {
  return (await import("./ps.ts")).containerPids(context, options);
}

/**
 * What the host's `ps` says of a container's processes: its header and their lines. Throws StateError, and RuntimeError
 * where `ps` fails or shows no column PID. Source: ps(1).
 */
export async function processTable(context: RuntimeContext, options: ProcessTableOptions): Promise<string> {
  return await (await import("./ps.ts")).processTable(context, options);
}

/**
 * Suspends every process of a container. Throws StateError, and RuntimeError ERR_TIMEOUT that names the processes that
 * did not freeze in 10 seconds: then all of them go on.
 */
export async function pauseContainer(context: RuntimeContext, options: { readonly id: string }): Promise<void> {
  (await import("./pause.ts")).pauseContainer(context, options);
}

/** Lets the processes of a paused container go on. Throws StateError. */
export async function resumeContainer(context: RuntimeContext, options: { readonly id: string }): Promise<void> {
  (await import("./pause.ts")).resumeContainer(context, options);
}

/**
 * Changes the limits of a container, all or nothing: when the kernel refuses one of them, the earlier ones are put back.
 * Throws StateError, UsageError, ConfigError, and StepError with the file, the value and the kernel's reason.
 */
export async function updateContainer(context: RuntimeContext, options: UpdateOptions): Promise<void> {
  await (await import("./update.ts")).updateContainer(context, options);
}

/** What a container has used until now. Throws StateError. */
export async function containerStats(
  context: RuntimeContext,
  options: { readonly id: string },
): Promise<ContainerStats> {
  return (await import("./events.ts")).containerStats(context, options);
}

/**
 * What a container uses, every `intervalMs`, and when it has run out of memory; ends when the container does. Throws
 * StateError, UsageError.
 */
export async function* containerEvents(
  context: RuntimeContext,
  options: EventsOptions,
): AsyncGenerator<ContainerEvent, void> {
  yield* (await import("./events.ts")).containerEvents(context, options);
}

/** An event as JSON text on one line; numbers beyond 2^53 are exact. */
export async function formatEvent(event: ContainerEvent): Promise<string> {
  return (await import("../base/exact-json.ts")).exactJson(event);
}

/**
 * Writes a running container into files, by the program criu, and deletes it unless it is to run on. Throws StateError,
 * UsageError, and RuntimeError with criu's own reason. Source: criu(8).
 */
export async function checkpointContainer(context: RuntimeContext, options: CheckpointOptions): Promise<void> {
  await (await import("./checkpoint.ts")).checkpointContainer(context, options);
}

/**
 * Makes a container again from what checkpointContainer has written, by the program criu, and unless it is detached
 * waits for its end. Gives its exit status, as runContainer does. Throws StateError, ConfigError, and RuntimeError with
 * criu's own reason; the host is left as it was then. Source: criu(8).
 */
export async function restoreContainer(context: RuntimeContext, options: RestoreOptions): Promise<number> {
  return await (await import("./checkpoint-restore.ts")).restoreContainer(context, options);
}

/**
 * Removes a stopped container: what `create` made, and nothing else; with `force` its processes are killed first.
 * Throws StateError. Source: runtime.md#delete.
 */
export async function deleteContainer(context: RuntimeContext, options: DeleteOptions): Promise<void> {
  await (await import("./delete.ts")).deleteContainer(context, options);
}

/**
 * All containers of the root, sorted by id. One whose state cannot be read is listed with the reason. Throws RuntimeError
 * ERR_USAGE with `rootMustExist` for a root that does not, and SystemError.
 */
export async function listContainers(
  context: RuntimeContext,
  options: ListOptions = {},
): Promise<readonly ListEntry[]> {
  return (await import("./list.ts")).listContainers(context, options);
}

/** The plan that `create` or `run` would carry out, and nothing else done. Throws what createContainer throws for it. */
export async function planBundle(context: RuntimeContext, options: PlanOptions): Promise<Plan> {
  return await (await import("./plan.ts")).planBundle(context, options);
}

/** A plan as text, one line a step, or as JSON with every argument. */
export async function printPlan(plan: Plan, format: "text" | "json"): Promise<string> {
  return (await import("../plan/print.ts")).printPlan(plan, format);
}

/** What is different between the configs of two bundles, a line each. Throws RuntimeError ERR_BUNDLE, ERR_CONFIG_SYNTAX. */
export async function diffBundles(bundle: string, other: string): Promise<string> {
  return (await import("./diff.ts")).diffBundles(bundle, other);
}

/** The steps of a plan in words. */
export async function stepRows(plan: Plan): Promise<readonly StepRow[]> {
  return (await import("../plan/print.ts")).stepRows(plan);
}

/** What has been carried out of the last plan in the text of a context's traceFile, in that order. */
export async function readTrace(text: string): Promise<readonly StepTime[]> {
  return (await import("../plan/step-times.ts")).readTrace(text);
}

/** A trace as text, one line a step, or as the events that viewers of Chrome's traces read. */
export async function printTrace(times: readonly StepTime[], format: "text" | "chrome"): Promise<string> {
  return (await import("../plan/step-times.ts")).printTrace(times, format);
}

/**
 * Checks a bundle's config by the schema, by the rules of the spec and by what this host can do, and changes nothing.
 * Needs no privileges. Throws RuntimeError ERR_BUNDLE where there is no config.json; all else is in the report.
 */
export async function validateBundle(context: RuntimeContext, options: ValidateOptions): Promise<ValidationReport> {
  return await (await import("./validate.ts")).validateBundle(context, options);
}

/**
 * What this host has and lacks for containers of the caller, each with what mends it; with a bundle also whether that would
 * run here. Changes nothing and needs no privileges. Throws SystemError, RuntimeError ERR_BUNDLE.
 */
export async function examineHost(
  context: RuntimeContext,
  options: ExamineOptions = {},
): Promise<readonly HostFinding[]> {
  return await (await import("./doctor.ts")).examineHost(context, options);
}

/** What this build can do. Throws SystemError. Source: features.md. */
export async function runtimeFeatures(context: RuntimeContext): Promise<Features> {
  return (await import("./features.ts")).runtimeFeatures(context);
}

/** Writes a default config.json into the bundle. Throws RuntimeError ERR_FILE_EXISTS where there is one. */
export async function writeSpec(context: RuntimeContext, options: SpecOptions): Promise<void> {
  (await import("./spec.ts")).writeSpec(context, options);
}

/** What the static program hands back when a step has failed: see native/report.c. Throws StepError. */
export async function reportFailure(context: RuntimeContext, options: FailureReport): Promise<number> {
  return (await import("./report-failure.ts")).reportFailure(context, options);
}
