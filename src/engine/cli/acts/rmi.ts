import { removeImage } from "../../image/remove-image.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"rmi"> = ({ flags, args }, at) => {
  const paths = enginePathsOf(at);
  return forEachNamed(args, at, async (word) => {
    const { untagged, deleted } = await removeImage(paths, word, { force: flags.force === true });
    const lines = [
      ...untagged.map((name) => `Untagged: ${name}\n`),
      ...deleted.map((digest) => `Deleted: ${digest}\n`),
    ];
    at.print(lines.join(""));
  });
};
