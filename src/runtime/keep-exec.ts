import { keepPlan, readPlanRequest, refuseToKeep, reportArgvWith } from "../apply/keep-plan.ts";
import { encodePlan } from "../plan/encode.ts";
import { namedParameters } from "../plan/plan-template.ts";
import type { Plan } from "../plan/step.ts";
import type { StoredState } from "../state/schema.ts";
import { compileExec, type ExecGiven } from "./exec.ts";
import type { ExecOptions, RuntimeContext } from "./options.ts";

/** The sections of a subject: the state without what differs in each container, the config, the process or nothing. */
const SECTIONS = 3;

/** Keeps the plan of an `exec` as the launcher has asked for it. Throws SystemError where the request is none. */
export async function keepExecPlan(
  requestFd: number,
  context: RuntimeContext,
  options: ExecOptions,
  given: ExecGiven,
  plan: Plan,
): Promise<void> {
  const reportArgv = context.reportArgv ?? [];
  const texts = { state: "", image: encodePlan(plan, reportArgv) };
  await keepPlan(
    readPlanRequest(requestFd),
    texts,
    SECTIONS,
    async (values, [state = "", configText = "", text = ""]) => {
      // A class of Intel RDT is looked up for the config that names it, and is in no subject.
      if (configText.includes('"intelRdt"')) refuseToKeep("linux.intelRdt");
      const { pid, startTime, ...named } = namedParameters(values);
      const id = named.id ?? "";
      // Members of a state that this program has written, and those that the launcher has left out.
      const stored: StoredState = {
        ...given.state,
        ...(JSON.parse(state) as Partial<StoredState>),
        id,
        pid: Number(pid),
        startTime: Number(startTime),
      };
      const again = { ...given, state: stored, configText, ...(text !== "" && { processText: text }) };
      const built = await compileExec({ ...context, warn: refuseToKeep }, { ...options, ...named, id }, again);
      return { state: "", image: encodePlan(built.plan, reportArgvWith(reportArgv, named)) };
    },
  );
}
