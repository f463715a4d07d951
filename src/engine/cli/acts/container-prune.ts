import { humanSize } from "../../base/human-size.ts";
import { pruneContainers } from "../../container/prune.ts";
import type { EngineAct } from "../act.ts";
import { confirm } from "../confirm.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"container prune"> = async ({ flags }, at) => {
  if (!flags.force && !confirm(at, "WARNING! This will remove all stopped containers.")) return;
  const { names, bytes } = await pruneContainers(engineContext(at), flags.filter);
  if (names.length > 0) at.print(`Deleted Containers:\n${names.map((name) => `${name}\n`).join("")}\n`);
  at.print(`Total reclaimed space: ${humanSize(bytes)}\n`);
};
