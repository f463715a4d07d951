import { EngineError } from "../base/errors.ts";
import { pauseContainer } from "../container/pause-container.ts";
import { liveStatus } from "../container/status.ts";
import { findContainer } from "../container/store.ts";
import type { EngineSurroundings } from "./act.ts";
import { engineContext } from "./engine-context.ts";
import { forEachNamed } from "./for-each.ts";

/** `pause` and `unpause`: each container must be what the other leaves. Gives the exit status. */
export async function pauseEach(words: readonly string[], isPause: boolean, at: EngineSurroundings): Promise<number> {
  const context = engineContext(at);
  const wanted = isPause ? "running" : "paused";
  return await forEachNamed(words, at, async (word) => {
    const record = findContainer(context.paths, word);
    const { status } = liveStatus(context.paths, record);
    if (status !== wanted) {
      const what = isPause && status === "paused" ? "already paused" : `not ${wanted}`;
      throw new EngineError(`Container ${record.id} is ${what}`, { code: "ERR_CONTAINER_STATUS" });
    }
    await pauseContainer(context, record, isPause);
    at.print(`${word}\n`);
  });
}
