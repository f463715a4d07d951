import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { planText } from "../insight.ts";

export const act: EngineAct<"plan"> = async ({ args: [word] }, at) => {
  const context = engineContext(at);
  at.print(await planText(context, findContainer(context.paths, word)));
};
