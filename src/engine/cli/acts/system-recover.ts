import { recoverAll } from "../../container/recover-all.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"system recover"> = async (_call, at) => {
  const { containers, networks } = await recoverAll(engineContext(at));
  for (const [kind, ids] of [
    ["Containers", containers],
    ["Networks of containers", networks],
  ] as const) {
    if (ids.length > 0) at.print(`Recovered ${kind}:\n${ids.map((id) => `${id}\n`).join("")}`);
  }
};
