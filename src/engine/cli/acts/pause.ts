import { EngineError } from "../../base/errors.ts";
import { pauseContainer } from "../../container/pause-container.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"pause"> = async ({ args }, at) => {
  const context = engineContext(at);
  return await forEachNamed(args, at, async (word) => {
    const record = findContainer(context.paths, word);
    const { status } = liveStatus(context.paths, record);
    if (status !== "running") {
      throw new EngineError(`Container ${word} is not running`, { code: "ERR_CONTAINER_STATUS" });
    }
    await pauseContainer(context, record, true);
    at.print(`${word}\n`);
  });
};
