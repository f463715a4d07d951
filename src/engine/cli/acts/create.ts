import type { EngineAct } from "../act.ts";
import { createFromLine } from "../create-from-line.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"create"> = async ({ flags, args }, at) => {
  const { id } = await createFromLine(engineContext(at), at, { flags, args, isDetached: false });
  at.print(`${id}\n`);
};
