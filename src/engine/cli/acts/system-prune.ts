import { humanSize } from "../../base/human-size.ts";
import { type Pruned, pruneContainers, pruneVolumes } from "../../container/prune.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"system prune"> = async ({ flags }, at) => {
  const context = engineContext(at);
  const containers = await pruneContainers(context, flags.filter);
  const volumes = flags.volumes ? await pruneVolumes(context, false, flags.filter) : NOTHING;
  for (const [kind, { names }] of [
    ["Containers", containers],
    ["Volumes", volumes],
  ] as const) {
    if (names.length > 0) at.print(`Deleted ${kind}:\n${names.map((name) => `${name}\n`).join("")}\n`);
  }
  at.print(`Total reclaimed space: ${humanSize(containers.bytes + volumes.bytes)}\n`);
};

const NOTHING: Pruned = { names: [], bytes: 0 };
