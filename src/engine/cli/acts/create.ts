import { PhaseClock } from "../../base/phase-clock.ts";
import type { EngineAct } from "../act.ts";
import { createFromLine } from "../create-from-line.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"create"> = async ({ flags, args }, at) => {
  const clock = new PhaseClock();
  clock.end("start mydocker");
  const context = engineContext(at);
  const record = await createFromLine(context, at, { flags, args, isDetached: false });
  clock.end("make the container");
  if (flags.time) at.host.write(2, clock.text());
  if (flags.plan || flags.explain)
    return await (await import("../insight.ts")).showInsight(context, record, flags, at.print);
  at.print(`${record.id}\n`);
  return 0;
};
