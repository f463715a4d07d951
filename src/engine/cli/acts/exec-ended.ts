import { removeExecSession } from "../../container/exec-session.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"exec-ended"> = ({ args: [id] }, at) => removeExecSession(engineContext(at).paths, id);
