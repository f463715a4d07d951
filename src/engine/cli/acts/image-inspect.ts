import { formatValue } from "../../base/format-template.ts";
import { inspectImage } from "../../image/inspect-image.ts";
import { resolveImage } from "../../image/resolve-image.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";
import { forEachNamed } from "../for-each.ts";

export const act: EngineAct<"image inspect"> = async ({ flags, args }, at) => {
  const paths = enginePathsOf(at);
  const found: unknown[] = [];
  const status = await forEachNamed(args, at, (word) => {
    found.push(inspectImage(paths, resolveImage(paths, word)));
  });
  const { format } = flags;
  if (format) at.print(found.map((image) => formatValue(image, format)).join(""));
  else at.print(`${JSON.stringify(found, null, 4)}\n`);
  return status;
};
