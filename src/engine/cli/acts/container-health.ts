import { noteContainerEvent } from "../../container/events.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"container-health"> = ({ args: [id, status] }, at) => {
  const { paths } = engineContext(at);
  noteContainerEvent(paths, findContainer(paths, id), `health_status: ${status}`);
};
