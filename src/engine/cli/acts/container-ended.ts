import { finishContainer } from "../../container/finish-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

/** By which a monitor knows that the container is to be started again: see native/monitor.c. */
const RESTART_STATUS = 64;

export const act: EngineAct<"container-ended"> = async ({ args: [id] }, at) => {
  const afterwards = await finishContainer(engineContext(at), id);
  return afterwards.kind === "restart" ? RESTART_STATUS + afterwards.step : 0;
};
