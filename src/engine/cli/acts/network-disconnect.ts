import { detachEndpoint } from "../../network/index.ts";
import { findSandbox } from "../../network/sandbox/find-sandbox.ts";
import { rewriteFiles } from "../../network/sandbox/rewrite-files.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network disconnect"> = async ({ args }, at) => {
  const paths = enginePathsOf(at);
  const [network, container = ""] = args;
  const { containerId } = findSandbox(paths, container);
  rewriteFiles(paths, containerId, await detachEndpoint(paths, containerId, network));
};
