import { humanSize } from "../../base/human-size.ts";
import { pruneFilter } from "../../image/image-filter.ts";
import { pruneImages } from "../../image/prune-images.ts";
import type { EngineAct } from "../act.ts";
import { confirm } from "../confirm.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"image prune"> = async ({ flags }, at) => {
  const all = flags.all === true;
  const matches = pruneFilter(flags.filter);
  const warning = all
    ? "WARNING! This will remove all images without at least one container associated to them."
    : "WARNING! This will remove all dangling images.";
  if (flags.force !== true && !confirm(at, warning)) return;
  const { untagged, deleted, freedBytes } = await pruneImages(enginePathsOf(at), { all, matches });
  const lines = [...untagged.map((name) => `untagged: ${name}\n`), ...deleted.map((digest) => `deleted: ${digest}\n`)];
  const list = lines.length === 0 ? "" : `Deleted Images:\n${lines.join("")}\n`;
  at.print(`${list}Total reclaimed space: ${humanSize(freedBytes)}\n`);
};
