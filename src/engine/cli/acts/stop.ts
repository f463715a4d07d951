import { parseInteger } from "../../base/parse-size.ts";
import { stopContainer } from "../../container/stop-container.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"stop"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  const time = flags.time ?? flags.timeout;
  const options = { signal: flags.signal, ...(time !== undefined && { timeoutSeconds: parseInteger(time, "--time") }) };
  return await forEachNamed(args, at, async (word) => {
    await stopContainer(context, findContainer(context.paths, word).id, options);
    at.print(`${word}\n`);
  });
};
