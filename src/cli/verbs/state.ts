import type { Act } from "../act.ts";
import { stateJson } from "../output.ts";

export const act: Act<"state"> = async ({ args: [id] }, { runtime, context, print }) => {
  print(stateJson(await runtime.containerState(context, { id })));
};
