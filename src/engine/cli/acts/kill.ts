import { killContainer } from "../../container/stop-container.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"kill"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  return await forEachNamed(args, at, (word) => {
    killContainer(context, word, flags.signal ?? "KILL");
    at.print(`${word}\n`);
  });
};
