import { startContainer } from "../../container/start-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"container-restart"> = async ({ args: [id] }, at) => {
  const context = engineContext(at);
  const { events } = await startContainer(context, {
    id,
    isRestart: true,
    attachment: { isCleaner: false, isRaw: false, detachKeys: [] },
  });
  events.close();
};
