import { attachEndpoint } from "../../network/index.ts";
import { findSandbox } from "../../network/sandbox/find-sandbox.ts";
import { rewriteFiles } from "../../network/sandbox/rewrite-files.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network connect"> = async ({ args, flags }, at) => {
  const paths = enginePathsOf(at);
  const [network, container = ""] = args;
  const { containerId } = findSandbox(paths, container);
  const { ip, ip6, alias } = flags;
  const request = {
    network,
    aliases: alias,
    ...(ip === undefined ? {} : { ip }),
    ...(ip6 === undefined ? {} : { ip6 }),
  };
  rewriteFiles(paths, containerId, await attachEndpoint(paths, containerId, request));
};
