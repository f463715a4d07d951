import { connectContainer } from "../../container/network-membership.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network connect"> = async ({ args, flags: { ip, ip6, alias } }, at) => {
  const [network, container = ""] = args;
  await connectContainer(enginePathsOf(at), container, {
    network,
    aliases: alias,
    ...(ip !== undefined && { ip }),
    ...(ip6 !== undefined && { ip6 }),
  });
};
