import type { Act } from "../act.ts";
import { createOptions } from "./create-options.ts";

/** The steps' name for a container that nobody named. */
const ANY_ID = "container";

export const act: Act<"plan"> = async ({ args: [id = ANY_ID], flags }, { runtime, context, cwd, print }) => {
  const plan = await runtime.planBundle(context, { ...createOptions(id, flags, cwd), verb: flags.verb });
  print(`${(await runtime.printPlan(plan, flags.format)).trimEnd()}\n`);
};
