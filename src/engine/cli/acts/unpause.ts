import type { EngineAct } from "../act.ts";
import { pauseEach } from "../pause-each.ts";

export const act: EngineAct<"unpause"> = ({ args }, at) => pauseEach(args, false, at);
