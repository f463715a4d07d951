import { formatValue } from "../../base/format-template.ts";
import { ensureDefaultNetwork } from "../../network/default-network.ts";
import { inspectNetwork } from "../../network/inspect-network.ts";
import { resolveNetwork } from "../../network/network-store.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"network inspect"> = async ({ args, flags }, at) => {
  const paths = enginePathsOf(at);
  await ensureDefaultNetwork(paths);
  const found: object[] = [];
  const status = await forEachNamed(args, at, (word) => {
    found.push(inspectNetwork(paths, resolveNetwork(paths, word)));
  });
  const { format } = flags;
  at.print(
    format === undefined
      ? `${JSON.stringify(found, null, 4)}\n`
      : found.map((network) => formatValue(network, format)).join(""),
  );
  return status;
};
