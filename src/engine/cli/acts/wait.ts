import { EngineError } from "../../base/errors.ts";
import { isWaitCondition, WAIT_CONDITIONS, waitForContainer } from "../../container/wait-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"wait"> = async ({ flags: { condition = "not-running" }, args }, at) => {
  const context = engineContext(at);
  if (!isWaitCondition(condition)) {
    const fix = `use one of ${WAIT_CONDITIONS.join(", ")}`;
    throw new EngineError(`invalid condition: "${condition}"`, { code: "ERR_USAGE", flag: "--condition", fix });
  }
  return await forEachNamed(args, at, async (word) => {
    at.print(`${await waitForContainer(context, word, condition)}\n`);
  });
};
