import { disconnectContainer } from "../../container/network-membership.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network disconnect"> = async ({ args: [network, container = ""] }, at) => {
  await disconnectContainer(enginePathsOf(at), container, network);
};
