import { EngineError } from "../../base/errors.ts";
import { pauseContainer } from "../../container/pause-container.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"unpause"> = async ({ args }, at) => {
  const context = engineContext(at);
  return await forEachNamed(args, at, async (word) => {
    const record = findContainer(context.paths, word);
    const { status } = liveStatus(context.paths, record);
    if (status !== "paused") {
      throw new EngineError(`Container ${word} is not paused`, { code: "ERR_CONTAINER_STATUS" });
    }
    await pauseContainer(context, record, false);
    at.print(`${word}\n`);
  });
};
