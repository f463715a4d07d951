import { EngineError } from "../../base/errors.ts";
import { findContainer } from "../../container/store.ts";
import { updateContainerLimits } from "../../container/update-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"update"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  if (Object.keys(flags).length === 0)
    throw new EngineError("you must provide one or more flags when using this command", { code: "ERR_USAGE" });
  return await forEachNamed(args, at, async (word) => {
    await updateContainerLimits(context, findContainer(context.paths, word).id, flags);
    at.print(`${word}\n`);
  });
};
