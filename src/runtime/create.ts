import { becomePlan } from "../apply/become-plan.ts";
import { planImage, staticProgram } from "../apply/static-program.ts";
import { RuntimeError } from "../base/errors.ts";
import { endPhase } from "../base/timeline.ts";
import { checkId, claimContainer } from "../state/store.ts";
import { giveBackProgram } from "../sys/processes.ts";
import type { CreateOptions, HandedOver, RunOptions, RuntimeContext } from "./options.ts";
import { prepare } from "./prepare.ts";
import { tracing } from "./tracing.ts";

/**
 * Makes a container, up to the status "created"; its command waits for startContainer. On failure the host is left as
 * it was. Throws ConfigError, StateError, StepError. Source: runtime.md#create.
 */
export async function createContainer(context: RuntimeContext, options: CreateOptions): Promise<void> {
  await carryOut(context, options, "create");
}

/**
 * Makes a container, starts it, and unless it is detached waits for its end and removes it. Gives its exit status:
 * 128+n for a signal, 0 when detached. Throws as createContainer does, and the reason of an aborted signal. Source: runtime.md#lifecycle.
 */
export async function runContainer(context: RuntimeContext, options: RunOptions): Promise<number> {
  return await carryOut(context, options, "run");
}

/**
 * Does what runContainer does up to the point where the static program takes over, and gives that program: whoever
 * executes it becomes what `run` becomes. Its failures go to context.reportArgv.
 */
export async function runProgram(context: RuntimeContext, options: RunOptions): Promise<HandedOver> {
  checkId(options.id);
  const { built, state, configText, preserveFds, rootMode } = await prepare(context, options, "run");
  const { lockFd } = claimContainer(context.root, state, configText, rootMode);
  const image = planImage(built.plan, context.reportArgv ?? []);
  return staticProgram(image, { lockFd, preserveFds, ...(await tracing(context, built.plan)) }, []);
}

async function carryOut(
  context: RuntimeContext,
  options: CreateOptions | RunOptions,
  verb: "create" | "run",
): Promise<number> {
  endPhase("load the verb");
  // Most of what the engine's start has read is not read again, and would count until the end.
  if (context.handover === "replace") giveBackProgram({ withCode: false });
  const { id, signal } = options;
  checkId(id);
  signal?.throwIfAborted();
  const prepared = await prepare(context, options, verb);
  const { built, state, configText, preserveFds, rootMode } = prepared;
  const { lockFd } = claimContainer(context.root, state, configText, rootMode);
  endPhase("claim the id");
  if (context.debug !== undefined) {
    (await import("../plan/debug-lines.ts")).debugLines(built.plan).forEach(context.debug);
  }
  try {
    if (context.planRequestFd !== undefined) {
      await (await import("./keep-create.ts")).keepCreatePlan(context.planRequestFd, context, options, verb, prepared);
    }
    const carrying = { lockFd, preserveFds, ...(await tracing(context, built.plan)) };
    if (context.handover === "replace") becomePlan(built.plan, context.reportArgv ?? [], carrying);
    const { awaitPlan } = await import("../apply/carry-out.ts");
    const { settle } = await import("./settle.ts");
    const status = settle(context, id, await awaitPlan(built.plan, { ...carrying, signal }));
    if (isAwaited(options, verb)) signal?.throwIfAborted();
    return status;
  } catch (error) {
    if (error instanceof RuntimeError) await (await import("../apply/rollback.ts")).rollBack(context.root, id, error);
    signal?.throwIfAborted();
    throw error;
  }
}

/** Whether the container's end is waited for: one that is there to stay has been made before the signal came. */
function isAwaited(options: CreateOptions | RunOptions, verb: "create" | "run"): boolean {
  return verb === "run" && !("detach" in options && options.detach);
}
