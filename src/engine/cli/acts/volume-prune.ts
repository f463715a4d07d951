import { humanSize } from "../../base/human-size.ts";
import { pruneVolumes } from "../../container/prune.ts";
import type { EngineAct } from "../act.ts";
import { confirm } from "../confirm.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume prune"> = async ({ flags }, at) => {
  const which = flags.all ? "all" : "anonymous";
  const warning = `WARNING! This will remove ${which} local volumes not used by at least one container.`;
  if (!flags.force && !confirm(at, warning)) return;
  const { names, bytes } = await pruneVolumes(engineContext(at), flags.all, flags.filter);
  if (names.length > 0) at.print(`Deleted Volumes:\n${names.map((name) => `${name}\n`).join("")}\n`);
  at.print(`Total reclaimed space: ${humanSize(bytes)}\n`);
};
