import { keepPlan, readPlanRequest, refuseToKeep, reportArgvWith } from "../apply/keep-plan.ts";
import { encodePlan } from "../plan/encode.ts";
import { namedParameters, PARAMETERS, type PlanTexts } from "../plan/plan-template.ts";
import { renderState } from "../state/schema.ts";
import type { CreateOptions, RunOptions, RuntimeContext } from "./options.ts";
import { compile, type Prepared } from "./prepare.ts";

/** Keeps the plan of a `create` or `run` as the launcher has asked for it. Throws SystemError where the request is none. */
export async function keepCreatePlan(
  requestFd: number,
  context: RuntimeContext,
  options: CreateOptions | RunOptions,
  verb: "create" | "run",
  prepared: Prepared,
): Promise<void> {
  const reportArgv = context.reportArgv ?? [];
  const request = readPlanRequest(requestFd);
  // The launcher has looked at the clock a little earlier.
  const values = request.values.with(PARAMETERS.indexOf("created"), prepared.state.created);
  await keepPlan({ ...request, values }, textsOf(prepared, reportArgv), 1, async (values, [configText = ""]) => {
    // A class of Intel RDT is looked up for the config that names it, and is in no subject.
    if (prepared.config.linux?.intelRdt !== undefined) refuseToKeep("linux.intelRdt");
    const { bundle = "", rootfs = "", created = "", ...named } = namedParameters(values);
    const read = { bundle, rootfs, created, configText };
    const again = { ...options, ...named, id: named.id ?? "" };
    return textsOf(
      await compile({ ...context, warn: refuseToKeep }, again, verb, read),
      reportArgvWith(reportArgv, named),
    );
  });
}

function textsOf({ state, built }: Prepared, reportArgv: readonly string[]): PlanTexts {
  return { state: renderState(state), image: encodePlan(built.plan, reportArgv) };
}
