import { matchesNetwork } from "../../network/network-filter.ts";
import { pruneNetworks } from "../../network/remove-network.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network prune"> = async ({ flags }, at) => {
  const removed = await pruneNetworks(enginePathsOf(at), matchesNetwork(flags.filter));
  if (removed.length > 0) at.print(`Deleted Networks:\n${removed.map((name) => `${name}\n`).join("")}`);
};
