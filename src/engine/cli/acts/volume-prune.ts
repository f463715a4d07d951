import { humanSize } from "../../base/human-size.ts";
import { pruneVolumes } from "../../container/prune.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume prune"> = async ({ flags }, at) => {
  const { names, bytes } = await pruneVolumes(engineContext(at), flags.all, flags.filter);
  if (names.length > 0) at.print(`Deleted Volumes:\n${names.map((name) => `${name}\n`).join("")}\n`);
  at.print(`Total reclaimed space: ${humanSize(bytes)}\n`);
};
