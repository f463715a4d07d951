import type { EngineAct } from "../act.ts";
import { pauseEach } from "../pause-each.ts";

export const act: EngineAct<"pause"> = ({ args }, at) => pauseEach(args, true, at);
