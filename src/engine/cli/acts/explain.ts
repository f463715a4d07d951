import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { explanationText } from "../insight.ts";

export const act: EngineAct<"explain"> = async ({ args: [word] }, at) => {
  const context = engineContext(at);
  at.print(await explanationText(context, findContainer(context.paths, word)));
};
