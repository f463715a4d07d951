import { parseInteger } from "../../base/parse-size.ts";
import { noteContainerEvent } from "../../container/events.ts";
import { startContainer } from "../../container/start-container.ts";
import { stopContainer } from "../../container/stop-container.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"restart"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  const time = flags.time ?? flags.timeout;
  const options = { signal: flags.signal, ...(time !== undefined && { timeoutSeconds: parseInteger(time, "--time") }) };
  return await forEachNamed(args, at, async (word) => {
    const { id } = findContainer(context.paths, word);
    await stopContainer(context, id, options);
    const { record, events } = await startContainer(context, {
      id,
      attachment: { isCleaner: false, isRaw: false, detachKeys: [] },
    });
    events.close();
    noteContainerEvent(context.paths, record, "restart");
    at.print(`${word}\n`);
  });
};
